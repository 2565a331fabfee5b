/** What a shell is to be told, so that it asks `kernelkit __complete` for what the last word may become. */
export const scripts: Readonly<Record<'bash' | 'zsh' | 'fish', string>> = {
  bash: `# kernelkit completion for bash: source <(kernelkit completion bash)
_kernelkit() {
  local line word rest=:none typed=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files | :notebooks | :directories | :none) rest=$line ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(kernelkit __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  # bash takes the sign of --option=value for a word of its own
  [[ $typed == = ]] && typed=
  [[ $rest == :none ]] && return
  compopt -o filenames
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
    case $rest in
      :files) compgen -f -- "$typed" ;;
      :notebooks) compgen -d -- "$typed"; compgen -f -X '!*.ipynb' -- "$typed" ;;
      :directories) compgen -d -- "$typed" ;;
    esac
  )
}
complete -F _kernelkit kernelkit
`,
  zsh: `#compdef kernelkit
# kernelkit completion for zsh: source <(kernelkit completion zsh), after compinit; or as _kernelkit in a directory of fpath
_kernelkit() {
  local line rest=:none
  local -a offered
  while IFS= read -r line; do
    case $line in
      :files|:notebooks|:directories|:none) rest=$line ;;
      *) offered+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <(kernelkit __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  # of --option=value it is the value
  [[ \${words[CURRENT]} == --*=* ]] && compset -P '*='
  (( $#offered )) && _describe kernelkit offered
  case $rest in
    :files) _files ;;
    :notebooks) _files -g '*.ipynb' ;;
    :directories) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _kernelkit ]]; then _kernelkit "$@"; else compdef _kernelkit kernelkit; fi
`,
  fish: `# kernelkit completion for fish: kernelkit completion fish | source
function __kernelkit_complete
    set -l words (commandline -opc) (commandline -ct)
    # of --option=value it is the value
    set -l before (string match -r '^--[^=]+=' -- $words[-1])
    set -l typed (string sub -s (math 1 + (string length -- "$before")) -- $words[-1])
    for line in (kernelkit __complete $words[2..] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path $typed | string replace -r '^' -- "$before"
            case :notebooks
                __fish_complete_path $typed | string match -r '^[^\\t]*(?:/|\\.ipynb)(?:\\t.*)?$'
            case :directories
                __fish_complete_directories $typed | string replace -r '^' -- "$before"
            case :none
            case '*'
                echo "$before"$line
        end
    end
end
complete -c kernelkit -f -a '(__kernelkit_complete)'
`,
};
