/// recipes list | run | claims
module Recipes.Cli.RunCommands

open System
open System.CommandLine
open System.IO
open Recipes
open Recipes.Reproductions
open Recipes.Cli.Output

/// recipes list
let list () =
    let json =
        Option<bool>("--json", Description = "print one JSON document and nothing else")

    let command =
        Command("list", "the reproductions: paper, verbs, claims, settings, time")

    command.Options.Add json

    command.SetAction(fun parsed ->
        guard (fun () ->
            let known = Library.shipped ()

            if parsed.GetValue json then
                Output.json
                    [|
                        for r in known ->
                            {|
                                paper = r.Paper
                                claims = r.Claims.Count
                                time = r.Time
                                settings =
                                    [|
                                        for s in r.AllSettings ->
                                            {|
                                                name = s.Name
                                                about = s.About
                                                expects = s.Expects
                                                smoke = s.DefaultAt Scale.Smoke
                                                laptop = s.DefaultAt Scale.Laptop
                                                paper = s.DefaultAt Scale.Paper
                                            |}
                                    |]
                            |}
                    |]
            else
                for r in known do
                    let verbs = String.Join(", ", r.Paper.Verbs)
                    Console.WriteLine $"{r.Paper.Name, -14} {r.Paper.Title}"
                    Console.WriteLine $"""{"", -14} {r.Paper.Reference}; {verbs}; {r.Claims.Count} claims; {r.Time}"""
                    Console.WriteLine $"""{"", -14} --set: {String.Join(", ", r.AllSettings |> Seq.map _.Name)}"""

            Good))

    command

/// recipes run NAME|FILE.fsx
let run () =
    let name =
        Argument<string>("NAME|FILE.fsx", Description = "a name of 'recipes list', or a reproduction script")

    let command =
        Command("run", "run a reproduction: train, measure, judge its claims, write the report")

    command.Arguments.Add name
    RunOptionsParser.configure command (fun parsed -> Library.find (parsed.GetValue name))
    command

/// recipes claims [RUNDIR …]
let claims () =
    let folders =
        Argument<string[]>(
            "RUNDIR",
            Description = "runs; default the newest of each reproduction, else the shipped ledger",
            Arity = ArgumentArity.ZeroOrMore
        )

    let json =
        Option<bool>("--json", Description = "print one JSON document and nothing else")

    let markdown = Option<bool>("--markdown", Description = "print a markdown table")
    let command = Command("claims", "every claim, the paper's value beside ours")
    command.Arguments.Add folders
    command.Options.Add json
    command.Options.Add markdown

    command.SetAction(fun parsed ->
        guard (fun () ->
            let given = parsed.GetValue folders |> Option.ofObj |> Option.defaultValue [||]

            let newest =
                [
                    for r in Library.shipped () do
                        match RunFolder.NewestFinished("runs", r.Paper.Name) with
                        | null -> Shipped.ledger r.Paper.Name
                        | folder -> folder
                ]

            let sources = if given.Length > 0 then List.ofArray given else newest
            let all = sources |> Seq.collect Ledger.Read |> Array.ofSeq

            if parsed.GetValue json then
                Console.Out.WriteLine(Ledger.ToJson all)
            elif parsed.GetValue markdown then
                Console.Out.WriteLine(ClaimsTable.From(all).ToMarkdown())
            else
                Console.Out.WriteLine(ClaimsTable.From all)

            if all |> Array.exists (fun c -> c.Verdict = Verdict.Fails) then
                Failed
            else
                Good))

    command
