/// recipes notebook convert | gallery
module Recipes.Cli.NotebookDocumentCommands

open System
open System.CommandLine
open Recipes.Notebook.Documents
open Recipes.Cli.Output

/// recipes notebook convert IN OUT
let convert () =
    let input =
        Argument<string>("IN", Description = "an .ipynb, a .dib, or a script (.csx, .fsx)")

    let output =
        Argument<string>("OUT", Description = "the file to write; its extension names the format")

    let command =
        Command("convert", "a notebook from one format to another: .ipynb, .dib, .csx, .fsx")

    command.Arguments.Add input
    command.Arguments.Add output

    command.SetAction(fun parsed ->
        guard (fun () ->
            let target = parsed.GetValue output
            let lost = NotebookConvert.Convert(parsed.GetValue input, target)

            for sentence in lost do
                note $"recipes: {sentence}"

            Console.WriteLine $"wrote {target}"
            Good))

    command
