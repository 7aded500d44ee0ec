/// recipes model bench
module Recipes.Cli.BenchCommand

open System
open System.CommandLine
open Recipes
open Recipes.Models
open Recipes.Reports
open Recipes.Training
open Recipes.Verbs
open Recipes.Cli.Output

let private engines (text: string) : BenchEngine list =
    match text with
    | "torch" -> [ BenchEngine.Torch ]
    | "onnx" -> [ BenchEngine.Onnx ]
    | "both" -> [ BenchEngine.Torch; BenchEngine.Onnx ]
    | _ -> raise (RecipesException $"--engine {text}: expected torch, onnx or both")

let private precision (text: string) =
    match text with
    | "f32" -> Precision.Auto
    | "bf16" -> Precision.Bf16
    | _ -> raise (RecipesException $"--precision {text}: expected f32 or bf16")

let private layout (text: string) =
    match text with
    | "auto" -> ChannelsLast.Auto
    | "channels-last" -> ChannelsLast.On
    | "contiguous" -> ChannelsLast.Off
    | _ -> raise (RecipesException $"--layout {text}: expected auto, channels-last or contiguous")

let private form folded train =
    match folded, train with
    | true, false -> Nullable BenchForm.Folded
    | false, true -> Nullable BenchForm.TrainTime
    | _ -> Nullable()

/// On a terminal a line that is rewritten, elsewhere a line for each step.
let private progress () =
    { new IProgress<string> with
        member _.Report text =
            if Terminal.live then
                Terminal.rewrite text
            else
                note $"recipes: {text}"
    }

let private text name fallback description =
    Option<string>(name, Description = description, DefaultValueFactory = fun _ -> fallback)

let private number name (fallback: int) description =
    Option<int>(name, Description = description, DefaultValueFactory = fun _ -> fallback)

let private numbers name description =
    Option<int[]>(
        name,
        Description = description,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = fun _ -> [||]
    )

let private flag name description =
    Option<bool>(name, Description = description)

/// recipes model bench NAME…
let bench () =
    let names =
        Argument<string[]>(
            "NAME",
            Description = "names of 'recipes model list'; all take turns in one run",
            Arity = ArgumentArity.OneOrMore
        )

    let resolution =
        numbers "--resolution" "pixels a side, one or more; default the paper's"

    let batch = numbers "--batch" "samples at once, one or more; default 1"
    let engine = text "--engine" "both" "torch, onnx or both"
    let fold = flag "--fold" "only the folded form"
    let train = flag "--train-time" "only the form with all branches"

    let part =
        Option<string>("--part", Description = "only this part, such as image or text")

    let tokens =
        number "--tokens" 256 "tokens of a decoder's prompt, which its step follows"

    let layout' =
        text "--layout" "auto" "torch engine: auto (channels last on the CPU), channels-last or contiguous"

    let precision' = text "--precision" "f32" "torch engine: f32 or bf16"
    let rounds = number "--rounds" 20 "measured runs of each case"
    let warmup = number "--warmup" 3 "runs of each case before that"

    let seconds =
        Option<Nullable<float>>("--seconds", Description = "no round begins after so long, three at least are made")

    let threads =
        Option<Nullable<int>>("--threads", Description = "threads of both engines; default one for each core")

    let noMemory =
        flag "--no-memory" "do not measure peak memory, which starts a process for each case"

    let json = flag "--json" "print one JSON document and nothing else"

    let html =
        Option<string>("--html", Description = "write the table and the chart to this file, which opens offline")

    let command =
        Command("bench", "latency, throughput and memory by model, resolution, batch, engine and form")

    command.Arguments.Add names

    for option in
        [
            resolution :> Option
            batch
            engine
            fold
            train
            part
            tokens
            layout'
            precision'
            rounds
            warmup
            seconds
            threads
            noMemory
            json
            html
        ] do
        command.Options.Add option

    command.SetAction(fun parsed ->
        guard (fun () ->
            let batches = parsed.GetValue batch

            let options =
                BenchOptions(
                    Resolutions = parsed.GetValue resolution,
                    Batches = (if Array.isEmpty batches then [| 1 |] else batches),
                    Engines = List.toArray (engines (parsed.GetValue engine)),
                    Form = form (parsed.GetValue fold) (parsed.GetValue train),
                    Part = parsed.GetValue part,
                    Tokens = parsed.GetValue tokens,
                    Layout = layout (parsed.GetValue layout'),
                    Precision = precision (parsed.GetValue precision'),
                    Rounds = parsed.GetValue rounds,
                    Warmup = parsed.GetValue warmup,
                    Seconds = parsed.GetValue seconds,
                    Threads = parsed.GetValue threads,
                    Memory = not (parsed.GetValue noMemory)
                )

            let specs =
                [| for name in Array.distinct (parsed.GetValue names) -> Zoo.Network name |]

            let evidence = BenchVerb.Bench(specs, options, progress (), interruption.Value)

            if Terminal.live then
                Terminal.rewrite ""
                Console.Error.Write "\r"

            if not (String.IsNullOrEmpty(parsed.GetValue html)) then
                BenchReport.Of(evidence).Write(parsed.GetValue html)

            if parsed.GetValue json then
                Output.json evidence
            else
                Console.WriteLine evidence

            Good))

    command

/// recipes model bench-memory, which bench starts for each case.
let memory () =
    let words = Argument<string[]>("MODEL OPTIONS SIZE", Arity = ArgumentArity(3, 3))

    let command = Command("bench-memory", "the peak memory of one case", Hidden = true)
    command.Arguments.Add words

    command.SetAction(fun parsed ->
        guard (fun () ->
            let words = parsed.GetValue words
            Console.WriteLine(BenchMemory.Measure(words[0], words[1], words[2]))
            Good))

    command
