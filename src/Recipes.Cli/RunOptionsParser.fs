/// The options of `recipes run`, shared with scripts that run themselves, and the run itself.
module Recipes.Cli.RunOptionsParser

open System
open System.CommandLine
open System.IO
open Recipes
open Recipes.Reports
open Recipes.Reproductions
open Recipes.Cli.Output

let private scales = [| "smoke"; "laptop"; "paper" |]

let private report (run: RunOutcome) (asJson: bool) =
    ReproductionReport.Write run

    if asJson then
        Console.Out.WriteLine(Ledger.ToJson run.Claims)
    else
        Console.Out.WriteLine()
        Console.Out.WriteLine(ClaimsTable.From run.Claims)
        Console.Out.WriteLine $"report  {Path.GetRelativePath(Environment.CurrentDirectory, run.Folder.Report)}"

        Console.Out.WriteLine
            $"took    {int run.Facts.Seconds} s, peak memory {float run.Facts.PeakMemory / 1e9:F2} GB, on {run.Facts.Device}"

    if run.Passed then Good else Failed

let private execute (reproduction: Reproduction) (options: RunOptions) asJson =
    try
        let outcome = reproduction.Run(options, Terminal.RunView(), interruption.Value)
        report outcome asJson
    with :? OperationCanceledException as e ->
        note $"recipes: interrupted. {e.Message}"
        note $"recipes: the same command with --resume goes on from the last checkpoint"
        Interrupted

/// Adds the options and the action; the reproduction comes from the parsed arguments.
let configure (command: Command) (reproduction: ParseResult -> Reproduction) =
    let scale =
        Option<string>("--scale", Description = "smoke, laptop or paper", DefaultValueFactory = fun _ -> "laptop")

    let seed =
        Option<int64>("--seed", Description = "the first seed", DefaultValueFactory = fun _ -> 0L)

    let device =
        Option<string>("--device", Description = "auto, cpu or cuda", DefaultValueFactory = fun _ -> "auto")

    let out =
        Option<string>("--out", Description = "the run's folder; default a new one under runs/")

    let set =
        Option<string[]>(
            "--set",
            Description = "key=value, may be repeated; 'recipes list --json' names the keys",
            AllowMultipleArgumentsPerToken = true
        )

    let resume =
        Option<bool>("--resume", Description = "go on with the newest unfinished run of the same recipes")

    let json =
        Option<bool>("--json", Description = "print the claims as JSON and nothing else")

    scale.AcceptOnlyFromAmong scales |> ignore

    for option in [ scale :> Option; seed; device; out; set; resume; json ] do
        command.Options.Add option

    command.SetAction(fun parsed ->
        guard (fun () ->
            let options =
                RunOptions(
                    Scale = Enum.Parse<Scale>(parsed.GetValue scale, ignoreCase = true),
                    Seed = parsed.GetValue seed,
                    Device = parsed.GetValue device,
                    Out = parsed.GetValue out,
                    Set = (parsed.GetValue set |> Option.ofObj |> Option.defaultValue [||]),
                    Resume = parsed.GetValue resume
                )

            execute (reproduction parsed) options (parsed.GetValue json)))
