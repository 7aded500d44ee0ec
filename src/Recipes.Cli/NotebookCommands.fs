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
            NotebookDocumentCommands.gallery ()
            KernelCommands.kernel ()
        ] do
        command.Subcommands.Add subcommand

    command
