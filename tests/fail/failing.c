/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memfd_create, FTW_DEPTH */
#include "failing.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

/* failing KIND EVERY[@FIRST] FILE... [-- WORD...] -- WORD...: the command `tonnage WORD...` in a folder with copies of
   the files, and with what the command before it makes, if there is one. First as it is, then again and again, the n-th
   call of the kind (memory: allocations; io: files and HDF5) failing, for n = FIRST (1) and every EVERY-th after it
   (TONNAGE_FAIL_EVERY=1 in the environment: every one). It must not crash, must say why where it fails, must leave no
   file but whole ones, and whole means byte for byte as without a failure; what has failed can then be done again.
   Under the sanitizers nothing may leak. */

int tonnage_main(int argc, char **argv); /* cli/main.c */

enum { FILES = 64, WORDS = 32, FAULTS_MOST = 20, SECONDS_MOST = 60 };

static struct fail_state *state; /* shared with the child */
static bool at_work;             /* in the child, from the start of the command to its end */

bool fail_now(enum fail_kind kind, const char *name)
{
    if (!at_work || state->kind != kind || ++state->calls != state->nth)
        return false;
    state->name = name;
    return true;
}

struct file {
    char name[256], *data;
    size_t size;
};

struct folder {
    struct file files[FILES];
    size_t count;
};

/* What a child did. */
struct outcome {
    int status; /* of wait */
    struct file out, err;
    struct folder folder;
};

struct command {
    char *words[WORDS];
    int count;
};

/* The command, what it finds, what it makes of that. */
struct trial {
    struct command command;
    struct folder given;
    struct outcome good;
    unsigned long faults;
};

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static void read_file(struct file *file, int fd)
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        die(file->name);
    file->size = (size_t)status.st_size;
    file->data = malloc(file->size + 1);
    if (!file->data || pread(fd, file->data, file->size, 0) != (ssize_t)file->size)
        die(file->name);
    file->data[file->size] = '\0';
    close(fd);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static bool ends_with(const char *name, const char *end)
{
    const size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* The folders in it too, as "name/" and with what they hold; not those of a sweep's chunks, which its next run needs.
 */
static void add_folder(struct folder *folder, const char *inside)
{
    DIR *entries = opendir(*inside ? inside : ".");
    struct dirent *entry;
    while (entries && (entry = readdir(entries)) != NULL && folder->count < FILES) {
        struct file *file = &folder->files[folder->count];
        const bool deeper = entry->d_type == DT_DIR;
        if (entry->d_name[0] == '.' || (deeper && ends_with(entry->d_name, ".chunks")))
            continue;
        const int length = snprintf(file->name, sizeof file->name, "%s%s%s", inside, entry->d_name, deeper ? "/" : "");
        if (length < 0 || (size_t)length >= sizeof file->name)
            die("a name too long");
        folder->count++;
        if (deeper) {
            file->size = 0;
            file->data = calloc(1, 1);
            add_folder(folder, file->name);
        } else {
            read_file(file, open(file->name, O_RDONLY));
        }
    }
    if (entries)
        closedir(entries);
}

static void read_folder(struct folder *folder)
{
    folder->count = 0;
    add_folder(folder, "");
    qsort(folder->files, folder->count, sizeof *folder->files, by_name);
}

static void free_folder(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->files[i].data);
}

static void free_outcome(struct outcome *o)
{
    free_folder(&o->folder);
    free(o->out.data);
    free(o->err.data);
}

static const struct file *find(const struct folder *folder, const char *name)
{
    for (size_t i = 0; i < folder->count; i++)
        if (strcmp(folder->files[i].name, name) == 0)
            return &folder->files[i];
    return NULL;
}

static bool same(const struct file *a, const struct file *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* HDF5 stores what it has no memory to pack as it is: other bytes, the same contents. */
static bool same_contents(const struct file *a, const struct file *b)
{
    static const char good[] = ".good.h5";
    FILE *file = fopen(good, "wb");
    if (!file || fwrite(b->data, 1, b->size, file) != b->size || fclose(file) != 0)
        die(good);
    const pid_t child = fork();
    int status = 1;
    if (child == 0) {
        execl(TN_H5DIFF, "h5diff", "-q", a->name, good, (char *)NULL);
        _exit(2);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int take_away(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    return place->level > 0 ? remove(path) : 0;
}

/* The folder as it was at first. */
static void tidy(const struct folder *given)
{
    if (nftw(".", take_away, 8, FTW_DEPTH | FTW_PHYS) != 0)
        die("the folder");
    for (size_t i = 0; i < given->count; i++) {
        FILE *file = fopen(given->files[i].name, "wb");
        if (!file || fwrite(given->files[i].data, 1, given->files[i].size, file) != given->files[i].size ||
            fclose(file) != 0)
            die(given->files[i].name);
    }
}

static void run(struct outcome *o, enum fail_kind kind, unsigned long nth, struct command *command)
{
    int out = memfd_create("out", 0), err = memfd_create("err", 0);
    *o = (struct outcome){.out = {.name = "standard output"}, .err = {.name = "standard error"}};
    *state = (struct fail_state){.kind = kind, .nth = nth, .name = "none"};
    pid_t child = fork();
    if (child < 0 || out < 0 || err < 0)
        die("fork");
    if (child == 0) {
        if (dup2(out, 1) < 0 || dup2(err, 2) < 0)
            _exit(2);
        (void)H5dont_atexit(); /* the first call of HDF5 takes 8 bytes without a look at whether it has them */
        alarm(SECONDS_MOST);
        at_work = true;
        const int status = tonnage_main(command->count, command->words);
        at_work = false;
        exit(status);
    }
    if (waitpid(child, &o->status, 0) != child)
        die("wait");
    read_file(&o->out, out);
    read_file(&o->err, err);
    read_folder(&o->folder);
}

/* NULL, or what is wrong with files that were left behind; where all is done, with those that were not. HDF5 without
   memory may leave what was in the making, which has another name. */
static const char *files_fault(const struct folder *now, const struct folder *good, bool done, enum fail_kind kind)
{
    static char text[300];
    for (size_t i = 0; i < now->count; i++) {
        const struct file *file = &now->files[i], *whole = find(good, file->name);
        if (kind == FAIL_HDF5 && ends_with(file->name, ".part"))
            continue;
        if (!whole || (!same(file, whole) && !(kind == FAIL_HDF5 && same_contents(file, whole)))) {
            snprintf(text, sizeof text, "leaves %s, %s", file->name, whole ? "not whole" : "which is not asked for");
            return text;
        }
    }
    return done && now->count != good->count ? "has not written all files" : NULL;
}

/* Whether a failed call may be the reason to end so. A file that a scenario names and that cannot be read is a mistake
   of the scenario too; libgomp ends the process by itself; HDF5 without memory may crash: what counts is what it
   leaves. */
static bool may_end(int status, enum fail_kind kind, const char *said)
{
    if (status == 0 || status == TN_EXIT_IO)
        return true;
    if (kind == FAIL_HDF5)
        return true;
    if (kind == FAIL_IO)
        return status == TN_EXIT_SCENARIO && strstr(said, "error: cannot read");
    return status == TN_EXIT_INTERNAL || (status == 1 && strstr(said, "libgomp: "));
}

/* NULL, or what is wrong with a run in which a call failed. */
static const char *fault(const struct outcome *o, const struct outcome *good, enum fail_kind kind)
{
    static char text[300];
    const int status = WIFEXITED(o->status) ? WEXITSTATUS(o->status) : -1;
    if (!may_end(status, kind, o->err.data)) {
        snprintf(text, sizeof text, "ends with %s %d", status < 0 ? "signal" : "status",
                 status < 0 ? WTERMSIG(o->status) : status);
        return text;
    }
    if (status > 0 && kind != FAIL_HDF5 && o->err.size == 0)
        return "fails without a word";
    if (status == 0 && !same(&o->out, &good->out))
        return "prints something else";
    return files_fault(&o->folder, &good->folder, status == 0, kind);
}

static void try_nth(struct trial *trial, enum fail_kind kind, unsigned long nth, unsigned long *harmless)
{
    static struct outcome o, again;
    run(&o, kind, nth, &trial->command);
    const char *name = state->name;
    const char *wrong = state->calls < nth ? "has fewer calls than before" : fault(&o, &trial->good, kind);
    *harmless += o.status == 0;
    if (wrong) {
        trial->faults++;
        printf("call %lu (%s) fails: the command %s\n%.1500s\n", nth, name, wrong, o.err.data);
    } else if (o.status != 0) {
        run(&again, FAIL_NOTHING, 0, &trial->command);
        wrong =
            again.status != 0 ? again.err.data : files_fault(&again.folder, &trial->good.folder, true, FAIL_NOTHING);
        if (wrong)
            printf("call %lu (%s) failed; then, without a failure: %s\n", nth, name, wrong);
        trial->faults += wrong != NULL;
        free_outcome(&again);
    }
    fflush(stdout);
    free_outcome(&o);
    tidy(&trial->given);
}

static void copy_in(const char *path, const char *folder)
{
    const char *slash = strrchr(path, '/');
    char to[4096];
    struct file file = {.name = "a file to copy"};
    read_file(&file, open(path, O_RDONLY));
    snprintf(to, sizeof to, "%s/%s", folder, slash ? slash + 1 : path);
    FILE *copy = fopen(to, "wb");
    if (!copy || fwrite(file.data, 1, file.size, copy) != file.size || fclose(copy) != 0)
        die(to);
    free(file.data);
}

/* `tonnage` and the words up to the next "--"; what comes after it, or NULL. */
static char **set_words(struct command *command, char **words)
{
    static char name[] = "tonnage";
    *command = (struct command){.words = {name}, .count = 1};
    for (; *words && strcmp(*words, "--") != 0; words++)
        if (command->count < WORDS - 1)
            command->words[command->count++] = *words;
    return *words ? words + 1 : NULL;
}

/* What the folder holds: the files, and what a command before the last one makes of them. */
static void prepare(struct trial *trial, char **words)
{
    for (char **next = set_words(&trial->command, words); next; next = set_words(&trial->command, next)) {
        struct outcome o;
        run(&o, FAIL_NOTHING, 0, &trial->command);
        if (o.status != 0) {
            fprintf(stderr, "%s", o.err.data);
            exit(2);
        }
        free_outcome(&o);
    }
    read_folder(&trial->given);
}

static void try_all(struct trial *trial, enum fail_kind kind, unsigned long every, unsigned long first)
{
    unsigned long tried = 0, harmless = 0;
    run(&trial->good, kind, 0, &trial->command);
    const unsigned long calls = state->calls;
    tidy(&trial->given);
    if (trial->good.status != 0) {
        trial->faults = 1;
        printf("fails on its own: %s\n", trial->good.err.data);
    }
    for (unsigned long nth = first; trial->good.status == 0 && nth <= calls && trial->faults < FAULTS_MOST;
         nth += every, tried++)
        try_nth(trial, kind, nth, &harmless);
    printf("%lu calls; %lu failed, one in each run; %lu did no harm; %lu faults\n", calls, tried, harmless,
           trial->faults);
    trial->faults += tried == 0;
}

int main(int argc, char **argv)
{
    static struct trial trial;
    char folder[] = "/tmp/tonnage-failing-XXXXXX";
    int from = 3;
    if (argc < 4 || !mkdtemp(folder))
        return 2;
    const enum fail_kind kind = strcmp(argv[1], "memory") == 0 ? FAIL_MEMORY
                                : strcmp(argv[1], "hdf5") == 0 ? FAIL_HDF5
                                                               : FAIL_IO;
    char *end;
    const char *given = getenv("TONNAGE_FAIL_EVERY");
    const unsigned long every = strtoul(given ? given : argv[2], &end, 10);
    const unsigned long first = *end == '@' ? strtoul(end + 1, NULL, 10) : 1;
    for (; from < argc && strcmp(argv[from], "--") != 0; from++)
        copy_in(argv[from], folder);
    state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (state == MAP_FAILED || every == 0 || chdir(folder) != 0 || from >= argc)
        return 2;
    fail_init();
    prepare(&trial, argv + from + 1);
    try_all(&trial, kind, every, first);
    tidy(&(struct folder){.count = 0});
    free_outcome(&trial.good);
    free_folder(&trial.given);
    return (chdir("/") == 0 && rmdir(folder) != 0) || trial.faults > 0;
}
