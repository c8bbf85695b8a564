/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "command.h"

/* What may stand in a place of the command line: words, or files of a suffix ("" any), or folders, or nothing known. */
struct expected {
    const struct tn_words *words;
    const char *suffixes; /* "h5", "yaml yml json"; NULL: no file */
    bool folder;
};

static bool is_any_of(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(text, *list))
            return true;
    return false;
}

/* What is expected where the help says NAME; `of` finds the words. */
static struct expected expected_of(const struct tn_verb *verb, const char *of, const char *name)
{
    static const char *const files[] = {"FIG", "SOLUTION", "INPUT", NULL};
    const struct tn_words *words = tn_opt_words(verb, of);
    const char *dot = strchr(name, '.');
    if (words)
        return (struct expected){.words = words};
    if (dot)
        return (struct expected){.suffixes = dot + 1};
    if (!strcmp(name, "FILE"))
        return (struct expected){.suffixes = "yaml yml json"};
    return (struct expected){.suffixes = is_any_of(name, files) ? "" : NULL, .folder = !strcmp(name, "DIR")};
}

static struct expected of_operand(const struct tn_verb *verb, int i, char name[32])
{
    tn_opt_operand(name, verb, i);
    return expected_of(verb, name, name);
}

static void put_words(const struct tn_words *words, const char *separator)
{
    for (int i = 0; words->word(i); i++) {
        bool before = false;
        for (int k = 0; k < i && !before; k++)
            before = !strcmp(words->word(k), words->word(i));
        if (!before)
            printf("%s%s", i ? separator : "", words->word(i));
    }
}

static void put_joined(const char *text, char separator)
{
    for (; *text; text++)
        putchar(*text == ' ' ? separator : *text);
}

/* Inside of single quotes of a shell; with_colon: a colon is said as \: */
static void put_quoted(const char *text, const char *escaped)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr(escaped, *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

/* "|sweep status|sweep verify|": each part of a verb, between bars. */
static void put_parts(void)
{
    putchar('|');
    for (size_t i = 0; tn_verb_at(i); i++)
        if (strchr(tn_verb_at(i)->name, ' '))
            printf("%s|", tn_verb_at(i)->name);
}

static void put_last_words(const struct tn_verb *verb)
{
    for (const struct tn_verb *const *part = verb->parts; *part; part++)
        printf("%s%s", part == verb->parts ? "" : " ", tn_verb_last_word(*part));
}

/* --- bash --- */

static void bash_expected(const struct expected *e)
{
    if (e->words) {
        fputs("_tonnage_words '", stdout);
        put_words(e->words, " ");
        putchar('\'');
    } else if (e->folder) {
        fputs("_tonnage_folders", stdout);
    } else if (e->suffixes) {
        fputs("_tonnage_files '", stdout);
        put_joined(e->suffixes, '|');
        putchar('\'');
    } else {
        fputs("return", stdout);
    }
}

static void bash_values(const struct tn_verb *verb, const struct tn_opt *option)
{
    for (; option->name; option++) {
        if (!option->argument)
            continue;
        const struct expected e = expected_of(verb, option->name, option->argument);
        fputs("        ", stdout);
        if (option->letter)
            printf("-%c | ", option->letter);
        printf("--%s) ", option->name);
        bash_expected(&e);
        puts("; return ;;");
    }
}

static void bash_letters(const struct tn_opt *option)
{
    for (; option->name; option++)
        if (option->argument) {
            if (option->letter)
                printf("|-%c", option->letter);
            printf("|--%s", option->name);
        }
}

static void bash_verb(const struct tn_verb *verb)
{
    printf("    '%s')\n        case $prev in\n", verb->name);
    bash_values(verb, verb->options);
    bash_values(verb, tn_opt_common);
    fputs("        esac\n        if [[ $cur == -* ]]; then\n            _tonnage_words '", stdout);
    for (const struct tn_opt *option = verb->options; option->name; option++)
        printf("--%s ", option->name);
    for (const struct tn_opt *option = tn_opt_common; option->name; option++)
        printf("--%s ", option->name);
    fputs("'\n            return\n        fi\n        case $count in\n", stdout);
    const int most = verb->operands_max < 0 ? 1 : verb->operands_max;
    for (int i = 0; i < most; i++) {
        char name[32];
        const struct expected e = of_operand(verb, i, name);
        if (verb->operands_max < 0)
            fputs("        *) ", stdout);
        else
            printf("        %d) ", i);
        bash_expected(&e);
        if (i == 0 && verb->parts) {
            fputs("; _tonnage_more '", stdout);
            put_last_words(verb);
            putchar('\'');
        }
        puts(" ;;");
    }
    puts("        esac\n        ;;");
}

static void bash_functions(void)
{
    puts("# bash completion for tonnage; made from its tables: tonnage completion bash\n"
         "_tonnage_words() {\n"
         "    COMPREPLY=($(compgen -W \"$1\" -- \"$cur\"))\n"
         "}\n"
         "_tonnage_more() {\n"
         "    COMPREPLY+=($(compgen -W \"$1\" -- \"$cur\"))\n"
         "}\n"
         "_tonnage_folders() {\n"
         "    local IFS=$'\\n'\n"
         "    compopt -o filenames 2>/dev/null\n"
         "    COMPREPLY=($(compgen -d -- \"$cur\"))\n"
         "}\n"
         "_tonnage_files() {\n"
         "    local IFS=$'\\n' file\n"
         "    compopt -o filenames 2>/dev/null\n"
         "    COMPREPLY=($(compgen -d -- \"$cur\"))\n"
         "    for file in $(compgen -f -- \"$cur\"); do\n"
         "        [[ -d $file ]] || [[ -n $1 && ! $file =~ \\.($1)$ ]] || COMPREPLY+=(\"$file\")\n"
         "    done\n"
         "}");
}

/* Which verb it is, and how many operands follow, without the values of options. */
static void bash_words(void)
{
    puts("_tonnage() {\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb= count=0 i word before=\n"
         "    COMPREPLY=()\n"
         "    [[ $cur == = ]] && cur= # --color=WHEN comes as three words\n"
         "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        word=${COMP_WORDS[i]}\n"
         "        case $before in");
    fputs("        =", stdout);
    bash_letters(tn_opt_common);
    for (size_t i = 0; tn_verb_at(i); i++)
        bash_letters(tn_verb_at(i)->options);
    fputs(") ;; # a value\n"
          "        *)\n"
          "            if [[ $word == -* || $word == = ]]; then :\n"
          "            elif [[ -z $verb ]]; then verb=$word\n"
          "            elif [[ $count == 0 && '",
          stdout);
    put_parts();
    puts("' == *\"|$verb $word|\"* ]]; then verb=\"$verb $word\"\n"
         "            else count=$((count + 1)); fi\n"
         "            ;;\n"
         "        esac\n"
         "        before=$word\n"
         "    done");
}

static void print_bash(void)
{
    bash_functions();
    bash_words();
    puts("    case $verb in\n"
         "    '')\n"
         "        case $prev in");
    bash_values(tn_verbs[0], tn_opt_common);
    fputs("        esac\n        _tonnage_words '", stdout);
    for (size_t i = 0; tn_verbs[i]; i++)
        printf("%s ", tn_verbs[i]->name);
    for (const struct tn_opt *option = tn_opt_common; option->name; option++)
        printf("--%s ", option->name);
    puts("--version'\n        ;;");
    for (size_t i = 0; tn_verb_at(i); i++)
        bash_verb(tn_verb_at(i));
    puts("    esac\n}\ncomplete -F _tonnage tonnage tonnage-mpi");
}

/* --- zsh --- */

static void zsh_expected(const struct expected *e)
{
    if (e->words) {
        putchar('(');
        put_words(e->words, " ");
        putchar(')');
    } else if (e->folder) {
        fputs("_files -/", stdout);
    } else if (e->suffixes && *e->suffixes) {
        const bool several = strchr(e->suffixes, ' '); /* (h5) alone would be a glob qualifier */
        printf("_files -g \"*.%s", several ? "(" : "");
        put_joined(e->suffixes, '|');
        printf("%s\"", several ? ")" : "");
    } else if (e->suffixes) {
        fputs("_files", stdout);
    } else {
        putchar(' ');
    }
}

static void zsh_options(const struct tn_verb *verb, const struct tn_opt *option)
{
    for (; option->name; option++) {
        fputs("            ", stdout);
        if (option->letter)
            printf("'(-%c --%s)'{-%c,--%s}'[", option->letter, option->name, option->letter, option->name);
        else
            printf("'--%s[", option->name);
        put_quoted(option->doc, "[]:\\");
        putchar(']');
        if (option->argument) {
            const struct expected e = expected_of(verb, option->name, option->argument);
            putchar(':');
            put_quoted(option->argument, ":\\");
            putchar(':');
            zsh_expected(&e);
        }
        puts("' \\");
    }
}

static void zsh_arguments(const struct tn_verb *verb)
{
    puts("            _arguments -s \\");
    zsh_options(verb, verb->options);
    zsh_options(verb, tn_opt_common);
    const int most = verb->operands_max < 0 ? 1 : verb->operands_max;
    for (int i = 0; i < most; i++) {
        char name[32];
        const struct expected e = of_operand(verb, i, name);
        if (verb->operands_max < 0)
            printf("            '*:%s:", name);
        else
            printf("            '%d:%s:", i + 1, name);
        const bool parts = i == 0 && verb->parts;
        fputs(parts ? "{" : "", stdout);
        zsh_expected(&e);
        if (parts) {
            fputs("; compadd ", stdout);
            put_last_words(verb);
            putchar('}');
        }
        puts("' \\");
    }
    puts("            && return 0\n            ;;");
}

/* A part is a verb of its own, one word further on. */
static void zsh_verb(const struct tn_verb *verb)
{
    for (const struct tn_verb *const *part = verb->parts; part && *part; part++) {
        printf("        '%s')\n            shift words\n            ((CURRENT--))\n", (*part)->name);
        zsh_arguments(*part);
    }
    printf("        '%s'*)\n", verb->name);
    zsh_arguments(verb);
}

static void print_zsh(void)
{
    puts("#compdef tonnage tonnage-mpi\n"
         "# zsh completion for tonnage; made from its tables: tonnage completion zsh\n"
         "_tonnage() {\n"
         "    local curcontext=$curcontext state line\n"
         "    local -a verbs\n"
         "    verbs=(");
    for (size_t i = 0; tn_verbs[i]; i++) {
        printf("        '%s:", tn_verbs[i]->name);
        put_quoted(tn_verbs[i]->doc, ":\\");
        puts("'");
    }
    puts("    )\n"
         "    _arguments -C \\");
    zsh_options(tn_verbs[0], tn_opt_common);
    puts("            '(-V --version)'{-V,--version}'[version, revision, compiler, libraries]' \\\n"
         "            '1:verb:->verb' '*::argument:->argument' && return 0\n"
         "    case $state in\n"
         "    verb) _describe verb verbs ;;\n"
         "    argument)\n"
         "        local verb=$line[1]\n"
         "        ((CURRENT > 2)) && verb+=\" $words[2]\"\n"
         "        case $verb in");
    for (size_t i = 0; tn_verbs[i]; i++)
        zsh_verb(tn_verbs[i]);
    puts("        esac\n        ;;\n    esac\n}\n"
         "if [[ $funcstack[1] == _tonnage ]]; then _tonnage \"$@\"; else compdef _tonnage tonnage tonnage-mpi; fi");
}

/* --- fish --- */

static void fish_expected(const struct expected *e)
{
    if (e->words) {
        fputs(" -xa '", stdout);
        put_words(e->words, " ");
        putchar('\'');
    } else if (e->folder) {
        fputs(" -xa '(__fish_complete_directories)'", stdout);
    } else if (e->suffixes && *e->suffixes) {
        fputs(" -xa '(__tonnage_files \"", stdout);
        put_joined(e->suffixes, '|');
        fputs("\")'", stdout);
    } else {
        fputs(e->suffixes ? " -rF" : " -x", stdout);
    }
}

static void fish_text(const char *text)
{
    putchar('\'');
    for (; *text; text++)
        printf(*text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    putchar('\'');
}

/* A line for tonnage and what is meant there; at the verb (NULL: before it), and at its operand k unless k < 0. */
static void fish_begin(const struct tn_verb *verb, int k)
{
    printf("complete -c tonnage -n '__tonnage_at \"%s\"", verb ? verb->name : "");
    if (k >= 0)
        printf(" %d", k);
    putchar('\'');
}

static void fish_options(const struct tn_verb *verb, const struct tn_opt *option)
{
    for (; option->name; option++) {
        fish_begin(verb, -1);
        if (option->letter)
            printf(" -s %c", option->letter);
        printf(" -l %s -d ", option->name);
        fish_text(option->doc);
        if (option->argument) {
            const struct expected e = expected_of(verb ? verb : tn_verbs[0], option->name, option->argument);
            fish_expected(&e);
        }
        putchar('\n');
    }
}

static void fish_function(void)
{
    fputs("# fish completion for tonnage; made from its tables: tonnage completion fish\n"
          "function __tonnage_at # VERB [N]: behind that verb, and N operands of it\n"
          "    set -l verb ''\n"
          "    set -l count 0\n"
          "    set -l before ''\n"
          "    for word in (commandline -opc)[2..-1]\n"
          "        if contains -- $before",
          stdout);
    for (size_t i = 0; tn_verb_at(i); i++)
        for (const struct tn_opt *option = tn_verb_at(i)->options; option->name; option++) {
            if (option->argument && option->letter)
                printf(" -%c", option->letter);
            if (option->argument)
                printf(" --%s", option->name);
        }
    for (const struct tn_opt *option = tn_opt_common; option->name; option++)
        if (option->argument)
            printf(" --%s", option->name);
    fputs("\n            set before ''\n"
          "            continue\n"
          "        end\n"
          "        set before $word\n"
          "        if string match -q -- '-*' $word\n"
          "            continue\n"
          "        else if test -z \"$verb\"\n"
          "            set verb $word\n"
          "        else if test $count -eq 0; and string match -q -- \"*|$verb $word|*\" '",
          stdout);
    put_parts();
    puts("'\n"
         "            set verb \"$verb $word\"\n"
         "        else\n"
         "            set count (math $count + 1)\n"
         "        end\n"
         "    end\n"
         "    test \"$verb\" = $argv[1]; and test \"$argv[2]\" = '' -o \"$argv[2]\" = $count\n"
         "end\n"
         "function __tonnage_files # SUFFIX|...: files of these, and folders\n"
         "    complete -C \"__tonnage_none \"(commandline -ct) |\n"
         "        string replace -rf -- \"^([^\\t]*(?:/|\\.(?:$argv)))(?:\\t.*)?\\$\" '$1'\n"
         "end\n"
         "complete -c tonnage -f");
}

static void fish_operands(const struct tn_verb *verb)
{
    const int most = verb->operands_max < 0 ? 1 : verb->operands_max;
    for (int k = 0; k < most; k++) {
        char name[32];
        const struct expected e = of_operand(verb, k, name);
        fish_begin(verb, verb->operands_max < 0 ? -1 : k);
        fish_expected(&e);
        putchar('\n');
    }
    for (const struct tn_verb *const *part = verb->parts; part && *part; part++) {
        fish_begin(verb, 0);
        printf(" -a %s -d ", tn_verb_last_word(*part));
        fish_text((*part)->doc);
        putchar('\n');
    }
}

static void print_fish(void)
{
    fish_function();
    fish_options(NULL, tn_opt_common);
    fish_begin(NULL, -1);
    puts(" -s V -l version -d 'version, revision, compiler, libraries'");
    for (size_t i = 0; tn_verbs[i]; i++) {
        fish_begin(NULL, -1);
        printf(" -a %s -d ", tn_verbs[i]->name);
        fish_text(tn_verbs[i]->doc);
        putchar('\n');
    }
    for (size_t i = 0; tn_verb_at(i); i++) {
        fish_options(tn_verb_at(i), tn_verb_at(i)->options);
        fish_options(tn_verb_at(i), tn_opt_common);
        fish_operands(tn_verb_at(i));
    }
}

static const struct {
    const char *name;
    void (*print)(void);
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
enum { SHELLS = sizeof shells / sizeof *shells };

static const char *shell_name(int index)
{
    return index < SHELLS ? shells[index].name : NULL;
}

static const struct tn_words words[] = {{"SHELL", "shell", shell_name, NULL, false}, {.of = NULL}};
static const struct tn_opt options[] = {{.name = NULL}};

static int run(const struct tn_verb *verb, int argc, char **argv)
{
    struct tn_arena arena = {0};
    char **operands = NULL;
    int count = 0, none = 0;
    const int end = tn_opt_parse(&none, &operands, &count, verb, argc, argv, &arena);
    for (size_t i = 0; end < 0 && i < SHELLS; i++)
        if (!strcmp(operands[0], shells[i].name))
            shells[i].print();
    tn_arena_clear(&arena);
    return end < 0 ? TN_EXIT_OK : end;
}

static void more(FILE *out)
{
    fputs("\nSHELL is bash, zsh or fish. `cmake --install` puts the completions where these shells look for them.\n",
          out);
}

const struct tn_verb tn_verb_completion = {
    .name = "completion",
    .operands = "SHELL",
    .doc = "prints what lets a shell complete the command",
    .examples = "Examples:\n"
                "  tonnage completion bash > ~/.local/share/bash-completion/completions/tonnage\n"
                "  tonnage completion fish > ~/.config/fish/completions/tonnage.fish\n",
    .options = options,
    .words = words,
    .operands_min = 1,
    .operands_max = 1,
    .more = more,
    .run = run,
};
