# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_edgectl_global_optspecs
    string join \n o/output= out= q/quiet v/verbose color= progress= log-format= ci= C/directory= sim= offline timeout= no-input h/help V/version
end

function __fish_edgectl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_edgectl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_edgectl_using_subcommand
    set -l cmd (__fish_edgectl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c edgectl -n "__fish_edgectl_needs_command" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_needs_command" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_needs_command" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_needs_command" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_needs_command" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_needs_command" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_needs_command" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_needs_command" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_needs_command" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_needs_command" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_needs_command" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_needs_command" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_needs_command" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_needs_command" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "quickstart" -d 'Show the whole way, from an empty folder to a ring promotion, on this machine'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "new" -d 'Create a new solution'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "module" -d 'Add modules to a solution'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "image" -d 'Build, sign, verify and carry images'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "key" -d 'Make signing keys'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "sim" -d 'Run a simulated hub with edge devices'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "manifest" -d 'Generate deployment manifests'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "target" -d 'Evaluate target conditions'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "release" -d 'Create releases and promote them ring by ring'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "doctor" -d 'Check what this machine has and what cannot be done without the rest'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "config" -d 'Show the settings in force'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "internal" -d 'Commands that the tool runs of itself'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand module" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand key" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand target" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand release" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -f -a "show" -d 'Show the settings in force'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Also show which layer decided each value: flag, environment, file or default'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand completions" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal" -s V -l version -d 'Print version'
