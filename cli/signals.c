/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "signals.h"

#include <stddef.h>

static volatile sig_atomic_t caught; /* a handler can reach nothing else */

static void on_signal(int number)
{
    caught = number;
}

static void catch (int number)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}; /* a second one kills */
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void tn_signal_catch(void)
{
    catch (SIGINT);
    catch (SIGTERM);
}

void tn_signal_catch_notice(void)
{
    catch (SIGUSR1);
}

int tn_signal_caught(void)
{
    return (int)caught;
}
