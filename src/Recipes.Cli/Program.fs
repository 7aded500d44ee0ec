module Recipes.Cli.Program

open System.CommandLine
open Recipes.Cli

let private root () =
    let root =
        RootCommand "Ten efficient-vision papers, reproduced end to end on TorchSharp."

    for command in
        [
            RunCommands.list ()
            RunCommands.run ()
            RunCommands.claims ()
            ModelCommands.model ()
            ModelCommands.parity ()
            DataCommands.data ()
            NotebookCommands.notebook ()
            ProjectCommands.bench ()
            ProjectCommands.test ()
            ProjectCommands.doctor ()
        ] do
        root.Subcommands.Add command

    root

[<EntryPoint>]
let main argv =
    let parsed = root().Parse argv

    if parsed.Errors.Count > 0 then
        for error in parsed.Errors do
            Output.note $"recipes: {error.Message}"

        Output.note "recipes: 'recipes --help' and 'recipes COMMAND --help' list what is known"
        Output.BadInput
    else
        parsed.Invoke()
