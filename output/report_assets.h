/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_REPORT_ASSETS_H
#define TN_REPORT_ASSETS_H

/* report.css and report.js as text, made by CMake. */
extern const char tn_report_css[];
extern const char tn_report_js[];

#endif
