/// recipes model list | info; recipes parity
module Recipes.Cli.ModelCommands

open System
open System.CommandLine
open Recipes
open Recipes.Models
open Recipes.Reproductions.Parity
open Recipes.Cli.Output

let private jsonOption () =
    Option<bool>("--json", Description = "print one JSON document and nothing else")

let private list () =
    let json = jsonOption ()
    let command = Command("list", "the networks of the zoo")
    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            if parsed.GetValue json then
                Output.json Zoo.Names
            else
                for name in Zoo.Names do
                    Console.WriteLine name

            Good))

    command

let private info () =
    let name = Argument<string>("NAME", Description = "a name of 'recipes model list'")

    let resolution =
        Option<Nullable<int>>("--resolution", Description = "pixels a side; default the paper's")

    let tokens =
        Option<int>(
            "--tokens",
            Description = "tokens of the prompt, for language models",
            DefaultValueFactory = fun _ -> 256
        )

    let json = jsonOption ()

    let command =
        Command("info", "parameters, MACs and output shapes, train-time and folded")

    command.Arguments.Add name
    command.Options.Add resolution
    command.Options.Add tokens
    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            let size = parsed.GetValue resolution

            if size.HasValue && size.Value < 1 then
                raise (RecipesException $"--resolution {size.Value}: expected a positive number of pixels")

            let info =
                ModelInfo.Of(Zoo.Network(parsed.GetValue name), size, parsed.GetValue tokens)

            if parsed.GetValue json then
                Output.json info
            else
                Console.WriteLine info

            Good))

    command

/// recipes model …
let model () =
    let command =
        Command("model", "the zoo: names, costs, speed; weights from other formats")

    command.Subcommands.Add(list ())
    command.Subcommands.Add(info ())
    command.Subcommands.Add(ModelExport.convert ())
    command.Subcommands.Add(ModelExport.export ())
    command.Subcommands.Add(BenchCommand.bench ())
    command.Subcommands.Add(BenchCommand.memory ())
    command

/// recipes parity FILE|DIR …
let parity () =
    let paths =
        Argument<string[]>(
            "FILE|DIR",
            Description = "golden files, or folders of them",
            Arity = ArgumentArity.OneOrMore
        )

    let json = jsonOption ()

    let command =
        Command("parity", "compare with reference outputs of the official implementations")

    command.Arguments.Add paths
    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            let files = ParityRun.Files(parsed.GetValue paths)

            let reports =
                [
                    for file in files do
                        interruption.Value.ThrowIfCancellationRequested()
                        let report = ParityRun.Compare file

                        if not (parsed.GetValue json) then
                            Console.WriteLine report

                        report
                ]

            let attempted = reports |> List.filter (fun r -> isNull r.NotAttempted)

            if parsed.GetValue json then
                Output.json reports

            if attempted.IsEmpty then
                note "recipes: none of these goldens can be compared by this version"
                BadInput
            elif attempted |> List.forall _.Passed then
                Good
            else
                Failed))

    command
