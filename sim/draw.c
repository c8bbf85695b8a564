/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#define CLOSE_M 1e-6
#define LEAST_M 1.0 /* shorter overlaps are rounding of km */

bool tn_draw_overlap(double *from_s_m_out, double *to_s_m_out, const struct tn_feeding *feeding,
                     const struct tn_path *path, double from_s_m, double to_s_m)
{
    const double a = path->sign * (feeding->from - path->origin_km_m);
    const double b = path->sign * (feeding->to - path->origin_km_m);
    *from_s_m_out = fmax(from_s_m, fmin(a, b));
    *to_s_m_out = fmin(to_s_m, fmax(a, b));
    return tn_in_phase(feeding->phase, feeding->until, path->phase) && *to_s_m_out - *from_s_m_out >= LEAST_M;
}

tn_status tn_draw_init(struct tn_draw *draw, const struct tn_section_way *way, struct tn_arena *arena,
                       struct tn_context *ctx)
{
    const struct tn_path *path = way->track->path;
    const struct tn_list *feedings = &path->line->feeding;
    const double first = way->stations_s_m[0], last = way->stations_s_m[way->count - 1];
    double *places = tn_arena_alloc(arena, way->count + 2 * feedings->count, sizeof *places);
    struct tn_run run;
    if (places == NULL)
        return TN_ERR_MEMORY;
    memcpy(places, way->stations_s_m, way->count * sizeof *places);
    size_t count = way->count;
    for (size_t i = 0; i < feedings->count; i++)
        if (tn_draw_overlap(&places[count], &places[count + 1], (const struct tn_feeding *)feedings->items + i, path,
                            first, last))
            count += 2;
    gsl_sort(places, 1, count);
    const struct tn_section_way marked = {way->track, places, count, way->tolerance, way->passes_ends};
    tn_status status = tn_section_times_through(&run, &marked, arena, ctx);
    if (status == TN_OK)
        *draw = (struct tn_draw){places, run.mark_energy_J, run.mark_running_s, count};
    return status;
}

static size_t place_of(const struct tn_draw *draw, double s_m)
{
    size_t low = 0, high = draw->count - 1; /* the first that is not before s */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (draw->places_s_m[middle] < s_m - CLOSE_M)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void tn_draw_between(double *energy_J_out, double *time_s_out, const struct tn_draw *draw, double from_s_m,
                     double to_s_m)
{
    const size_t from = place_of(draw, from_s_m), to = place_of(draw, to_s_m);
    *energy_J_out = draw->energy_J[to] - draw->energy_J[from];
    *time_s_out = draw->time_s[to] - draw->time_s[from];
}

double tn_draw_power(const struct tn_draw *draw, const struct tn_path *path, double from_s_m, double to_s_m)
{
    const struct tn_feeding *feeding = path->line->feeding.items;
    double most = NAN, energy, time;
    for (size_t i = 0; i < path->line->feeding.count; i++) {
        double a, b;
        if (!tn_draw_overlap(&a, &b, &feeding[i], path, from_s_m, to_s_m))
            continue;
        tn_draw_between(&energy, &time, draw, a, b);
        most = fmax(most, energy / time);
    }
    if (!isnan(most))
        return most;
    tn_draw_between(&energy, &time, draw, from_s_m, to_s_m);
    return energy / time;
}
