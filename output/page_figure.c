/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "html.h"
#include "page.h"
#include "readout.h"

/* gnuplot's SVG inside of a page: without its head and its titles, and with names of its own. */

/* A tag with its names made the figure's own: id='X', href='#X', url(#X). */
static void put_tag(FILE *out, const char *tag, size_t length, size_t number)
{
    static const char *const names[] = {" id=\"", " id='", "href=\"#", "href='#", "url(#"};
    for (size_t i = 0; i < length;) {
        size_t step = 0;
        for (size_t k = 0; !step && k < sizeof names / sizeof *names; k++)
            if (strncmp(tag + i, names[k], strlen(names[k])) == 0)
                step = strlen(names[k]);
        fwrite(tag + i, 1, step ? step : 1, out);
        if (step)
            fprintf(out, "f%zu-", number);
        i += step ? step : 1;
    }
}

/* From the tag that begins with `open` on. */
static const char *after(const char *text, const char *open)
{
    const char *found = strstr(text, open);
    return found ? found + strlen(open) : text + strlen(text);
}

/* The drawing: all from the first group on. */
static void put_drawing(FILE *out, const char *svg, size_t number)
{
    const char *at = strstr(svg, "<defs>"), *end = svg;
    for (const char *last = svg; (last = strstr(last, "</svg>")) != NULL; last++)
        end = last;
    if (!at)
        return;
    fputs("<g>\n", out); /* the one that holds the ground, which the page has */
    while (at < end) {
        if (*at != '<') {
            size_t length = strcspn(at, "<");
            fwrite(at, 1, length, out);
            at += length;
        } else if (strncmp(at, "<title>", 7) == 0) {
            at = after(at, "</title>");
        } else {
            size_t length = strcspn(at, ">");
            length += at[length] == '>';
            put_tag(out, at, length, number);
            at += length;
        }
    }
}

void tn_page_figure(const struct tn_page *page, const struct tn_plotted *plotted, size_t number, const char *verdict)
{
    FILE *out = page->out;
    fprintf(out, "<figure class=\"plot\" id=\"figure-%zu\">\n<figcaption>", number);
    tn_html_text(out, plotted->title);
    if (plotted->sentence && (!verdict || strcmp(plotted->sentence, verdict) != 0)) {
        fputs("<p>", out);
        tn_html_text(out, plotted->sentence);
        fputs("</p>", out);
    }
    fprintf(out,
            "</figcaption>\n<div class=\"canvas\"><svg viewBox=\"0 %.0f %.0f %.0f\" role=\"img\" tabindex=\"0\" "
            "aria-label=\"",
            plotted->top, plotted->width, plotted->height - plotted->top - plotted->bottom);
    tn_html_text(out, plotted->title);
    fputs("\">\n", out);
    put_drawing(out, plotted->text, number);
    fputs("</svg></div>\n", out);
    if (tn_readout_any(plotted->readout)) {
        fputs("<div class=\"tip\" role=\"status\" hidden></div>\n<p class=\"how\">Point at the plot, touch it, or "
              "choose it and use the arrow keys, to read its values.</p>\n<script type=\"application/json\">",
              out);
        tn_readout_print(out, plotted->readout, plotted->height);
        fputs("</script>\n", out);
    }
    fputs("</figure>\n", out);
}
