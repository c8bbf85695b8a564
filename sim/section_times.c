/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "section_times.h"

#include <math.h>
#include <string.h>

tn_status tn_section_times_through(struct tn_run *through, const struct tn_section_way *way, struct tn_arena *arena,
                                   struct tn_context *ctx)
{
    struct tn_run_request request = {.track = way->track,
                                     .from_m = way->stations_s_m[0],
                                     .to_m = way->stations_s_m[way->count - 1],
                                     .entry_m_s = way->passes_ends ? way->track->train->speed_max_m_s : 0,
                                     .stop_at_end = !way->passes_ends,
                                     .marks = way->stations_s_m,
                                     .mark_count = way->count,
                                     .tolerance = way->tolerance};
    return tn_run_solve(through, &request, arena, ctx);
}

/* INFINITY if the train does not get there. */
static tn_status run_section(double *time_s_out, double *energy_J_out, const struct tn_section_way *way, size_t k,
                             double entry_m_s, bool stop, struct tn_context *ctx)
{
    struct tn_arena arena = {0};
    struct tn_run run;
    struct tn_run_request request = {.track = way->track,
                                     .from_m = way->stations_s_m[k],
                                     .to_m = way->stations_s_m[k + 1],
                                     .entry_m_s = entry_m_s,
                                     .stop_at_end = stop,
                                     .tolerance = way->tolerance};
    memset(&run, 0, sizeof run);
    tn_status status = tn_run_solve(&run, &request, &arena, ctx);
    *time_s_out = status == TN_OK && run.finished ? run.running_time_s : HUGE_VAL;
    *energy_J_out = run.energy_line_J;
    tn_arena_clear(&arena);
    return status;
}

tn_status tn_section_times_solve(struct tn_section_time *out, const struct tn_section_way *way,
                                 const struct tn_run *through, size_t k, struct tn_context *ctx)
{
    bool first = k == 0 && !way->passes_ends, last = k + 2 == way->count && !way->passes_ends;
    double entry = first ? 0 : through->mark_speed_m_s[k], time, energy;
    out->pass_s = through->mark_running_s[k + 1] - through->mark_running_s[k];
    out->start_s = out->stop_s = out->both_s = 0;
    tn_status status = run_section(&time, &out->energy_J, way, k, entry, last, ctx);
    if (status == TN_OK && !last) {
        status = run_section(&time, &energy, way, k, entry, true, ctx);
        out->stop_s = fmax(0, time - out->pass_s);
    }
    if (status == TN_OK && !first) {
        status = run_section(&time, &energy, way, k, 0, last, ctx);
        out->start_s = fmax(0, time - out->pass_s);
    }
    if (first || last) {
        out->both_s = first ? out->stop_s : out->start_s;
        return status;
    }
    if (status == TN_OK)
        status = run_section(&time, &energy, way, k, 0, true, ctx);
    out->both_s = fmax(0, time - out->pass_s);
    return status;
}
