/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders of their own for tests that write files. */
#ifndef TONNAGE_TESTS_FOLDER_H
#define TONNAGE_TESTS_FOLDER_H

/* Makes a folder and goes there. All such folders are removed when the test program ends. */
void folder_enter(char folder[64]);

#endif
