/// recipes notebook …
module Recipes.Cli.NotebookCommands

open System.CommandLine

/// recipes notebook
let notebook () =
    let command = Command("notebook", "run, check, convert and show notebooks")

    for subcommand in
        [
            NotebookRunCommands.run ()
            NotebookRunCommands.check ()
            NotebookRunCommands.host ()
            NotebookDocumentCommands.convert ()
        ] do
        command.Subcommands.Add subcommand

    command
