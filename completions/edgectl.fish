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
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
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
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "quickstart" -d 'Show the whole way on this machine, from an empty folder to a ring promotion and back'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "new" -d 'Create a new solution'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "module" -d 'Add modules to a solution'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "solution" -d 'Work on a solution as a whole'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "image" -d 'Build, sign, verify and carry images'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "key" -d 'Make signing keys'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "sim" -d 'Run a simulated hub with edge devices'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "manifest" -d 'Generate deployment manifests'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "route" -d 'Check, test and explain routes'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "target" -d 'Evaluate target conditions'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "release" -d 'Create releases and promote them ring by ring'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "doctor" -d 'Check what this machine has, what installs the rest, and what cannot be done without it'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "config" -d 'Show the settings in force'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c edgectl -n "__fish_edgectl_needs_command" -f -a "internal" -d 'Commands that the tool runs of itself'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
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
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l keep -d 'Leave the world running and the folder in place'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand quickstart" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l name -d 'Name of the solution (default: the folder\'s)' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -l bake -d 'Bake time of every ring (default: 10m for the first, 1h for the others)' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand new" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
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
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and not __fish_seen_subcommand_from add" -f -a "add" -d 'Add a module to the solution'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l template -d 'Template to start from' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l route -d 'Also add this route to the solution; may be given more than once' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l twin -d 'Desired properties of the module, a JSON object' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand module; and __fish_seen_subcommand_from add" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and not __fish_seen_subcommand_from import" -f -a "import" -d 'Turn a solution of iotedgedev or Visual Studio Code into one of this tool'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l template -d 'Template in that folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l name -d 'Name of the solution (default: the folder\'s)' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -s P -l platform -d 'Platform of image placeholders that name none [default: the variable `DEFAULT_PLATFORM`, then amd64]' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l env-file -d 'Read variables from this file, which wins over .env; may be given again, and the last wins' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l set -d 'Set a variable, over every other source; may be given again' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l pin -d 'Name images by the digests that their tags have now'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l with-secrets -d 'Write passwords into edgectl.yaml in clear; it is refused without this, as edgectl.yaml is a file to commit'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l dry-run -d 'Show what would be written, and write nothing'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l yes -d 'Write over files that are there'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand solution; and __fish_seen_subcommand_from import" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -f -a "build" -d 'Build the images of modules'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -f -a "load" -d 'Load an image into Docker or podman'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -f -a "list" -d 'List the images of the embedded store'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -f -a "inspect" -d 'Show what an image is made of'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -f -a "push" -d 'Copy an image to a registry, with its platforms'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -f -a "sign" -d 'Sign an image and every platform of it'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and not __fish_seen_subcommand_from build load list inspect push sign verify" -f -a "verify" -d 'Verify that every key signed an image and every platform of it'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l push -d 'Also push to this repository, each image below it under its module\'s name' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l tag -d 'Tag of the images' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l profile -d 'Cargo profile: dev compiles fast, release runs fast' -r -f -a "dev\t'Compiles fast'
release\t'Runs fast'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from build" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l platform -d 'Platform of the image; the engine\'s own when not given' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from load" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from inspect" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l to -d 'Repository of the copy, and its tag (the same tag when left out). Without it, the image\'s own repository' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l key -d 'Sign the copy with this private key; several may be given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l password-file -d 'Read the passphrase from this file ("-" is stdin); one for all keys or one for each' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from push" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l key -d 'Private key; several may be given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l password-file -d 'Read the passphrase from this file ("-" is stdin); one for all keys or one for each' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from sign" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l key -d 'Public key that must have signed; several must all have. Without any, the keys that edgectl.yaml trusts' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand image; and __fish_seen_subcommand_from verify" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and not __fish_seen_subcommand_from generate" -f -a "generate" -d 'Make a pair of keys for signing images'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l out -d 'Name of the pair: writes NAME.key and NAME.pub' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l password-file -d 'Read the passphrase from this file ("-" is stdin)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand key; and __fish_seen_subcommand_from generate" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "up" -d 'Start a simulated hub with edge devices, and return when they answer'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "status" -d 'Show hub, devices and modules of the simulated world'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "logs" -d 'Show what modules wrote to stdout and stderr'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "call" -d 'Call a direct method of a device or module'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "monitor" -d 'Show messages as they reach the hub'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "send" -d 'Send a cloud-to-device message to a device or leaf device'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "clients" -d 'Show who is connected to the brokers of the simulated world, and who was refused and why'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "leaf" -d 'Register devices that connect through an edge device'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "certs" -d 'Look at and change the certificates of the simulated world'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "twin" -d 'Read and set the twins of devices and modules'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "modulecred" -d 'Print the environment to start a module by hand, such as from a debugger'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "restart" -d 'Start a hub, an agent, a module or a whole device again, and return when it listens'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and not __fish_seen_subcommand_from up status logs call monitor send clients leaf certs twin modulecred restart down" -f -a "down" -d 'Stop the simulated world with all its modules, and wait until nothing of it runs'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l devices -d 'File with the devices in place of the solution\'s rings: a JSON object with `id` and `tags` on each line' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l timing -d 'How fast the product\'s timers run, such as back-offs, retries and the cleaner of queues: as in the product, or fifty times as fast' -r -f -a "product\t'As in the product: a module restarts after 10 s to 5 minutes'
fast\t'Fifty times as fast'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from up" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l tail -d 'Last lines to show of each module' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Go on with what comes, until Ctrl-C or --timeout'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from logs" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l payload -d 'What to hand over, as JSON' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l response-timeout -d 'How long the module may take to answer, 5s to 5m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from call" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -s d -l device -l device-id -d 'Only messages of this device; * stands for any characters' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -s m -l module -l module-id -d 'Only messages of this module; * stands for any characters' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l count -l message-count -d 'End after so many messages' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l from -d 'Where to begin' -r -f -a "start\t'With the first message that the hub ever took'
now\t'With what comes from now on'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l props -l properties -d 'What `event` shows beside the payload; may be given again' -r -f -a "sys\t'System properties'
app\t'Application properties'
anno\t'What the hub added: the sender and the time'
all\t'All of them'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l content-type -d 'Read the payload of `event` as this content type, whatever the sender says' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l no-follow -d 'End after the messages that the hub has, without waiting for more'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from monitor" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l to -d 'The device' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l body -d 'The body' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l property -d 'An application property; may be given again' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l message-id -d 'Id of the message' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l content-type -d 'Content type of the body' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l expires -d 'How long the hub keeps the message, up to 48h; an hour by default' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from send" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from clients" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -f -a "add" -d 'Register a leaf device at the hub, assign it to an edge device, and print how it connects'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -f -a "list" -d 'List the devices that are no edge devices'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from leaf" -f -a "remove" -d 'Remove a leaf device from the hub; its connection is closed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -f -a "show" -d 'Show the authority of the world and the server certificate of each device'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -f -a "export" -d 'Write the authority of the world to a file, for programs to trust'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -f -a "renew" -d 'Give a device a new server certificate, as its renewal does'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from certs" -f -a "expire" -d 'Give a device a server certificate whose life is over, as a missed renewal does'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -f -a "get" -d 'Show the twin of a device or module'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from twin" -f -a "set" -d 'Set desired properties or tags of a device or module'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from modulecred" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from restart" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand sim; and __fish_seen_subcommand_from down" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -f -a "check" -d 'Check deployment manifests, templates and layers offline'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -f -a "generate" -d 'Generate deployment manifests from the solution, images pinned by digest'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -f -a "merge" -d 'Show what a device runs when base and layers are laid over each other'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -f -a "diff" -d 'Show what differs between two manifests, or between a manifest and what a hub has'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -f -a "explain" -d 'Show what a manifest comes to, create options decoded and defaults made visible'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and not __fish_seen_subcommand_from check generate merge diff explain schema" -f -a "schema" -d 'Print the JSON Schema of a file for editors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l strict -d 'Fail on warnings too'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l deployment -d 'Generate this deployment only' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l target -d 'Target the devices of this ring only' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l tag -d 'Take each module\'s digest from this tag [default: latest]' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l out-dir -d 'Write each manifest to DIR/NAME.json' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l template -d 'Generate from this deployment template; without edgectl.yaml deployment.template.json is taken by itself' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l compat -d 'Write what this tool would write, byte for byte, its faults included' -r -f -a "iotedgedev\t'iotedgedev 3.3.9, `solution genconfig`'
vscode\t'The Visual Studio Code extension 1.25.11'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -s P -l platform -d 'Platform of image placeholders that name none [default: the variable `DEFAULT_PLATFORM`, then amd64]' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l env-file -d 'Read variables from this file, which wins over .env; may be given again, and the last wins' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l set -d 'Set a variable, over every other source; may be given again' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l stdout -d 'Print the manifest and write no file'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l strict -d 'Fail on warnings too'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l fail-on-validation-error -d 'With --compat, fail when the manifest is not valid; it is written all the same, as the tool does'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from generate" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l deployment -d 'File with deployments, - for stdin; may be given more than once' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l twin -d 'File with the twin of the device, - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l device -d 'Id of the device, in the fleet file or else in the hub' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l fleet -d 'File with one twin (JSON) a line, - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l tag -d 'Tag by which the images of the solution\'s modules are looked up' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l table -d 'Compare the rows of this file, - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l hub -d 'Take the configurations of the hub'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l show-secrets -d 'Print the passwords of registries too'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from merge" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l device -d 'Compare with what the hub has for this device' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l configuration -d 'Compare with this configuration of the hub' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l deployment -d 'Deployment to take of a solution' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l tag -d 'Tag by which the images of a solution\'s modules are looked up' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l platform -d 'Platform of the device; else the image\'s only one, or this machine\'s' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l check -d 'End with exit code 10 when something differs'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from diff" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from explain" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l for -d 'File that the schema is for' -r -f -a "edgectl\t'edgectl.yaml'
module\t'module.yaml'
deployment\t'Deployment manifests and layers'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand manifest; and __fish_seen_subcommand_from schema" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -f -a "check" -d 'Find the traps of routes, and mend them with --fix'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -f -a "test" -d 'Say which routes take a message and why, or run a table of cases'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and not __fish_seen_subcommand_from check test explain" -f -a "explain" -d 'Show routes as the broker reads them, and what it passes over'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l route -d 'Check this route' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l condition -d 'Check this condition, as it stands behind WHERE' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l fix -d 'Make the changes whose intent is plain; nothing else in a file changes'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l dry-run -d 'With --fix: show the changes and write nothing'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l strict -d 'Fail on warnings too'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l route -d 'Test this route' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l routes -d 'Test the routes of this file; the solution when not given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l message -d 'The message, - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l table -d 'Run the cases of this file, - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l routes -d 'Explain the routes of this file, - for stdin; the solution when not given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l name -d 'Explain the route of this name only' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand route; and __fish_seen_subcommand_from explain" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -f -a "match" -d 'List the devices of a fleet that a condition or a ring selects'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -f -a "count" -d 'Count the devices of a fleet that conditions select, and for how many each clause is true, false or undefined'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -f -a "diff" -d 'List the devices that enter and leave a condition when it changes, or when the fleet does, and why'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -f -a "explain" -d 'Explain why a condition or a ring selects a device or not'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -f -a "lint" -d 'Check target conditions for what is refused and what is probably not meant'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and not __fish_seen_subcommand_from match count diff explain lint test" -f -a "test" -d 'Run a truth table of target conditions'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l condition -d 'Target condition' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l ring -d 'Ring of the solution, whose target is the condition' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l dialect -d 'Which functions a condition may call' -r -f -a "strict\t'`is_defined` alone, as documented for twins'
extended\t'Text and type functions too, which are documented for message routes only; rings stay strict'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l fleet -d 'Fleet: a twin (JSON) a line, the devices.txt of an export, or CSV; - for stdin; the hub when not given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l fleet-format -d 'Form of the fleet file' -r -f -a "auto\t'Found out from the first bytes'
twins\t'One twin (JSON) a line'
export\t'The devices.txt of an export job'
csv\t'CSV of ids and tags'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l edge-only -d 'Leave out devices that are not edge devices'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from match" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l condition -d 'Target condition; may be given several times' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l conditions -d 'File with a condition a line: JSON objects with `condition` and, for a name, `id`; - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l dialect -d 'Which functions conditions may call' -r -f -a "strict\t'`is_defined` alone, as documented for twins'
extended\t'Text and type functions too, which are documented for message routes only; rings stay strict'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l fleet -d 'Fleet: a twin (JSON) a line, the devices.txt of an export, or CSV; - for stdin; the hub when not given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l fleet-format -d 'Form of the fleet file' -r -f -a "auto\t'Found out from the first bytes'
twins\t'One twin (JSON) a line'
export\t'The devices.txt of an export job'
csv\t'CSV of ids and tags'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l edge-only -d 'Leave out devices that are not edge devices'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from count" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l condition -d 'Condition on both sides' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l before -d 'Condition before' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l after -d 'Condition afterwards' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l fleet-after -d 'Fleet afterwards; the same as before when not given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l dialect -d 'Which functions conditions may call' -r -f -a "strict\t'`is_defined` alone, as documented for twins'
extended\t'Text and type functions too, which are documented for message routes only; rings stay strict'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l fleet -d 'Fleet: a twin (JSON) a line, the devices.txt of an export, or CSV; - for stdin; the hub when not given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l fleet-format -d 'Form of the fleet file' -r -f -a "auto\t'Found out from the first bytes'
twins\t'One twin (JSON) a line'
export\t'The devices.txt of an export job'
csv\t'CSV of ids and tags'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l check -d 'Exit with 10 when a device enters or leaves'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l edge-only -d 'Leave out devices that are not edge devices'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from diff" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l condition -d 'Target condition' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l ring -d 'Ring of the solution, whose target is the condition' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l device -d 'Id of the device' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l fleet -d 'Fleet that has the device: a twin (JSON) a line, the devices.txt of an export, or CSV; - for stdin; the hub when not given' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l fleet-format -d 'Form of the fleet file' -r -f -a "auto\t'Found out from the first bytes'
twins\t'One twin (JSON) a line'
export\t'The devices.txt of an export job'
csv\t'CSV of ids and tags'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l twin -d 'File with the twin of the device, - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l dialect -d 'Which functions the condition may call' -r -f -a "strict\t'`is_defined` alone, as documented for twins'
extended\t'Text and type functions too, which are documented for message routes only; rings stay strict'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from explain" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l condition -d 'Target condition' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l ring -d 'Ring of the solution, whose target is checked' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l fleet -d 'Fleet to count with: a twin (JSON) a line, the devices.txt of an export, or CSV; - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l fleet-format -d 'Form of the fleet file' -r -f -a "auto\t'Found out from the first bytes'
twins\t'One twin (JSON) a line'
export\t'The devices.txt of an export job'
csv\t'CSV of ids and tags'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l dialect -d 'Which functions --condition may call' -r -f -a "strict\t'`is_defined` alone, as documented for twins'
extended\t'Text and type functions too, which are documented for message routes only; rings stay strict'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l edge-only -d 'Leave out devices that are not edge devices'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l strict -d 'Fail on warnings too'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from lint" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l table -d 'Table with one JSON object a line, - for stdin' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l dialect -d 'Dialect of the rows that name none' -r -f -a "strict\t'`is_defined` alone, as documented for twins'
extended\t'Text and type functions too, which are documented for message routes only; rings stay strict'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand target; and __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -f -a "create" -d 'Make a release of what the solution is now'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -f -a "promote" -d 'Promote a release into a ring'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -f -a "status" -d 'Show how the rings stand'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -f -a "log" -d 'List what happened to releases and rings, with every audit chain checked'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and not __fish_seen_subcommand_from create promote status log rollback" -f -a "rollback" -d 'Take back what a ring runs'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l tag -d 'Tag whose images are taken' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from create" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l to -d 'Ring that takes it' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l wait -d 'Wait until the ring is healthy, its bake included, or halted'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l dry-run -d 'Run the gates and show what would be written, and write nothing'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -s y -l yes -d 'Do not ask'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from promote" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l ring -d 'Only this ring' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from log" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l ring -d 'Ring to roll back' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l release -d 'Only if the ring runs this release' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l reason -d 'Why, for the audit records' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l wait -d 'Wait until the devices run what was below'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l dry-run -d 'Show what would be removed, and remove nothing'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -s y -l yes -d 'Do not ask'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand release; and __fish_seen_subcommand_from rollback" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
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
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l check -d 'End with code 10 when something is missing'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand config; and not __fish_seen_subcommand_from show" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
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
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
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
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
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
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -f -a "exec" -d 'Become a program that dies with the process that started it'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -f -a "guard" -d 'Guard a simulated world and clean up after it'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and not __fish_seen_subcommand_from exec guard world" -f -a "world" -d 'Be a simulated world'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l parent -d 'Process that started this one' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l signal -d 'Signal that the program gets when that process is gone' -r -f -a "kill\t'SIGKILL'
terminate\t'SIGTERM'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from exec" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from guard" -s V -l version -d 'Print version'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -s o -l output -d 'Form of the result on stdout' -r -f -a "table\t'For people; may change'
json\t'One JSON object, `schemaVersion` first'
yaml\t'The same document as YAML'
name\t'One name a line'
sarif\t'Findings of a check as SARIF 2.1.0, for code scanning'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l out -d 'Write the result to this file in place of stdout ("-" is stdout)' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Always'
never\t'Never'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l progress -d 'How progress is drawn' -r -f -a "auto\t'Bars on a terminal, plain lines elsewhere'
plain\t'One line at the start and one at the end of a step'
none\t'Nothing'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l log-format -d 'Form of everything on stderr, the final error too' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line, the final error too'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l ci -d 'Whose annotations accompany warnings and errors' -r -f -a "auto\t'What the environment names'
github\t'GitHub Actions workflow commands'
azure\t'Azure Pipelines logging commands'
none\t'No annotations'"
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -s C -l directory -d 'Work in this folder' -r -F
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l sim -d 'Name of the simulated world' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l timeout -d 'Give up after this time, such as 90s or 10m' -r
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -s q -l quiet -d 'Say nothing but results, warnings and errors'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -s v -l verbose -d 'Also show what outside programs say'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l offline -d 'Ask nothing but what lies on this machine'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -l no-input -d 'Never ask; fail where an answer is needed'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c edgectl -n "__fish_edgectl_using_subcommand internal; and __fish_seen_subcommand_from world" -s V -l version -d 'Print version'
