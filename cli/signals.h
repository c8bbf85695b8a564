/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_SIGNALS_H
#define TN_SIGNALS_H

#include <signal.h>

#define TN_SIGNAL_NOTICE SIGUSR1 /* batch systems send it before they end a job */

/* From now on SIGINT and SIGTERM are remembered once; a second one ends the process. */
void tn_signal_catch(void);
/* TN_SIGNAL_NOTICE too. */
void tn_signal_catch_notice(void);
/* The signal that came, or 0. */
int tn_signal_caught(void);

#endif
