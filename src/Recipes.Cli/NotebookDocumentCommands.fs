/// recipes notebook convert | gallery
module Recipes.Cli.NotebookDocumentCommands

open System
open System.CommandLine
open System.IO
open Recipes.Cli
open Recipes.Notebook.Documents
open Recipes.Notebook.Gallery
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

/// recipes notebook gallery --out DIR
let gallery () =
    let out =
        Option<string>("--out", Required = true, Description = "the folder to write: new, empty, or an older gallery")

    let notebooks =
        Option<string>("--notebooks", Description = "the folder of notebooks; default the checkout's")

    let runs =
        Option<string>("--runs", Description = "the folder of runs, whose newest reports are shown; default runs")

    let command =
        Command("gallery", "static pages of all notebooks and reports, with an index; they open offline")

    for option in [ out; notebooks; runs ] do
        command.Options.Add option

    command.SetAction(fun parsed ->
        guard (fun () ->
            let orElse fallback option =
                parsed.GetValue(option: Option<string>)
                |> Option.ofObj
                |> Option.defaultValue fallback

            let folder = parsed.GetValue out

            let shown =
                NotebookGallery.Write(
                    folder,
                    notebooks |> orElse (Path.Combine(Shipped.root, "notebooks")),
                    runs |> orElse "runs"
                )

            let index = Path.Combine(folder, "index.html")
            Console.WriteLine $"wrote {index}: {shown.Notebooks} notebooks, {shown.Reports} reports"
            Good))

    command
