/** What a shell is to be told, so that it asks `kernelkit __complete` for what the last word may become. */
export const scripts: Readonly<Record<'bash' | 'zsh' | 'fish', string>> = {
  bash: `# kernelkit completion for bash: source <(kernelkit completion bash)
_kernelkit() {
  local line word rest=:none typed=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files | :directories | :none) rest=$line ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(kernelkit __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case $rest in
    :files) compopt -o filenames; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$typed") ;;
    :directories) compopt -o filenames; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$typed") ;;
  esac
}
complete -F _kernelkit kernelkit
`,
  zsh: `#compdef kernelkit
# kernelkit completion for zsh: source <(kernelkit completion zsh), after compinit
_kernelkit() {
  local line rest=:none
  local -a offered
  while IFS= read -r line; do
    case $line in
      :files|:directories|:none) rest=$line ;;
      *) offered+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <(kernelkit __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#offered )) && _describe kernelkit offered
  case $rest in
    :files) _files ;;
    :directories) _files -/ ;;
  esac
}
compdef _kernelkit kernelkit
`,
  fish: `# kernelkit completion for fish: kernelkit completion fish | source
function __kernelkit_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (kernelkit __complete $words[2..] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (commandline -ct)
            case :directories
                __fish_complete_directories (commandline -ct)
            case :none
            case '*'
                echo $line
        end
    end
end
complete -c kernelkit -f -a '(__kernelkit_complete)'
`,
};
