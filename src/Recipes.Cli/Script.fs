/// What a reproduction script calls when `dotnet fsi` runs it.
module Recipes.Cli.Script

open System.CommandLine
open Recipes.Reproductions

/// Runs a reproduction with the options of `recipes run`, taken from the script's arguments; returns the exit code.
let run (reproduction: Reproduction) (arguments: string[]) =
    let command = RootCommand $"Reproduces {reproduction.Paper.Title}."
    RunOptionsParser.configure command (fun _ -> reproduction)
    let parsed = command.Parse(Array.skip (min 1 arguments.Length) arguments)

    if parsed.Errors.Count > 0 then
        for error in parsed.Errors do
            Output.note $"recipes: {error.Message}"

        Output.BadInput
    else
        parsed.Invoke()
