/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t caught; /* a handler can reach nothing else */

static void on_signal(int number)
{
    caught = number;
}

void tn_signal_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}; /* a second one kills */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int tn_signal_caught(void)
{
    return (int)caught;
}
