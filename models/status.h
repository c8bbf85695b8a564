/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TN_STATUS_H
#define TN_STATUS_H

/* What a call returns. The text that goes with a failure is in the caller's tn_context. */
typedef enum tn_status {
    TN_OK = 0,
    TN_ERR_INPUT,   /* the user's data is wrong; the context says where */
    TN_ERR_IO,      /* a file cannot be read or written */
    TN_ERR_NUMERIC, /* an iteration or an integration failed */
    TN_ERR_MEMORY,  /* no memory */
    TN_ERR_STOPPED, /* the caller's callback asked to stop */
    TN_ERR_INTERNAL /* a broken invariant: a bug */
} tn_status;

#if defined __GNUC__
#define TN_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define TN_PRINTF(string, first)
#endif

#endif
