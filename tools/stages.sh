# shellcheck shell=bash
# Sourced: run a list of checks, count what they found, and close with `N passed, N failed, N skipped`.
passed=0 failed=0 skipped=0
declare -A shown
mkdir -p build/logs

# The counts in the output of a test program on standard input, ours or pytest: "passed failed skipped", or nothing.
read_counts() {
    awk '
        /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { found = 1; p = $1; f = $3; s = $5 }
        /^(=+ )?[0-9]+ [a-z]+.* in [0-9.]+s/ {
            found = 1; p = f = s = 0
            for (i = 2; i <= NF; i++) {
                if ($i ~ /^(passed|xpassed)/) p += $(i - 1)
                if ($i ~ /^(failed|error)/) f += $(i - 1)
                if ($i ~ /^(skipped|xfailed)/) s += $(i - 1)
            }
        }
        END { if (found) print p, f, s }'
}

# stage NAME SECONDS COMMAND...: one check with a time limit. A command that counts nothing counts as one test; exit
# status 77 means that it was skipped.
stage() {
    local name=$1 status=0 start=$SECONDS
    local log=build/logs/${name//[^a-z0-9]/-}.log
    printf '%-34s' "$name"
    timeout --kill-after=20 "$2" "${@:3}" >"$log" 2>&1 </dev/null || status=$?
    report "$log" "$status" "$2" $((SECONDS - start))
}

# stage_beside NAME SECONDS COMMAND...: begin such a check and go on; end_beside waits for it and shows what it found. One at a
# time; it ends when we do.
beside='' beside_name='' beside_limit='' beside_log='' beside_start=''
stage_beside() {
    beside_name=$1 beside_limit=$2 beside_log=build/logs/${1//[^a-z0-9]/-}.log beside_start=$EPOCHSECONDS
    timeout --kill-after=20 "$2" "${@:3}" >"$beside_log" 2>&1 </dev/null &
    beside=$!
    trap 'kill "$beside" 2>/dev/null || true' EXIT
}

end_beside() {
    local status=0
    printf '%-34s' "$beside_name"
    wait "$beside" || status=$?
    trap - EXIT
    # It may have ended long ago: the log tells when.
    report "$beside_log" "$status" "$beside_limit" $(($(stat -c %Y "$beside_log") - beside_start))
}

# report LOG STATUS LIMIT SECONDS: count and show what a check found.
report() {
    local log=$1 status=$2 limit=$3 p='' f='' s=''
    read -r p f s < <(read_counts <"$log") || true
    case $status in
    0) : "${p:=1}" "${f:=0}" "${s:=0}" ;;
    77) p=0 f=0 s=1 ;;
    *) : "${p:=0}" "${f:=0}" "${s:=0}" && [ "$f" -gt 0 ] || f=1 ;;
    esac
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))

    printf '%5d passed, %d failed, %d skipped %6d s\n' "$p" "$f" "$s" "$4"
    show_news "$log"
    [ "$s" -eq 0 ] || grep -iE '^ *skipped' "$log" | sed 's/^/    /' || true
    [ "$f" -eq 0 ] || show_failure "$log" "$status" "$limit"
}

# Which vectors and which fault points were tried: lines that begin so are shown, once. Cases of one file are added up.
show_news() {
    local line
    while IFS= read -r line; do
        [ -n "${shown[$line]:-}" ] || printf '    %s\n' "$line"
        shown[$line]=1
    done < <(awk '
        /^golden .*: [0-9]+ cases, [0-9]+ failed$/ {
            name = substr($0, 8, index($0, ": ") - 8)
            if (!(name in cases)) order[++files] = name
            cases[name] += $(NF - 3)
            failed[name] += $(NF - 1)
            next
        }
        /^(golden|crash|parity) / { rest = rest $0 "\n" }
        END {
            for (i = 1; i <= files; i++)
                printf "golden %s: %d cases, %d failed\n", order[i], cases[order[i]], failed[order[i]]
            printf "%s", rest
        }' "$1")
}

show_failure() {
    [ "$2" -ne 124 ] || printf '    stopped after %d seconds\n' "$3"
    {
        grep -A6 -E '^FAIL|error:|Error:|ERROR:|undefined reference' "$1" | head -n 60 || true
        printf '...\n'
        tail -n 30 "$1"
    } | sed 's/^/    /'
    printf '    all of it is in %s\n' "$1"
}

# The last line; the status says whether all went well.
summary() {
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
}
