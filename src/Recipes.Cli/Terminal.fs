/// How a run shows itself while it works: a live line on a terminal, plain lines elsewhere. All of it on standard error.
module Recipes.Cli.Terminal

open System
open Recipes.Reproductions
open Recipes.Training
open Spectre.Console

let private console =
    AnsiConsole.Create(AnsiConsoleSettings(Out = AnsiConsoleOutput Console.Error))

/// Whether a line on standard error can be rewritten.
let live = not Console.IsErrorRedirected && console.Profile.Capabilities.Ansi

/// Shows a text in place of the live line.
let rewrite (text: string) =
    let width = max 20 (console.Profile.Width - 1)

    let text =
        if text.Length > width then
            text.Substring(0, width)
        else
            text.PadRight width

    Console.Error.Write("\r" + text)

let private left (progress: TrainProgress) =
    if progress.Remaining.HasValue then
        let rest = progress.Remaining.Value
        $"{int rest.TotalMinutes}:{rest.Seconds:D2} left"
    else
        ""

/// One training: on a terminal a line that is rewritten, elsewhere a line for each epoch.
type private Line(title: string) =
    let mutable shown = DateTime.MinValue

    interface ITrainingObserver with
        member _.Handle(moment, progress) =
            let row = progress.Row

            match moment with
            | TrainingEvent.Warning -> Output.note $"recipes: {progress.Message}"
            | TrainingEvent.StepEnd when live && (DateTime.UtcNow - shown).TotalMilliseconds > 100.0 ->
                shown <- DateTime.UtcNow

                rewrite
                    $"{title}  step {progress.Step}/{progress.TotalSteps}  epoch {progress.Epoch + 1}/{progress.Epochs}  loss {progress.Loss:F3}  {progress.ImagesPerSecond:F0} images/s  {left progress}"
            | TrainingEvent.EpochEnd when not live && not (isNull row) ->
                let top1 =
                    if row.Top1.HasValue then
                        $"  top-1 {100.0 * row.Top1.Value:F1} %%"
                    else
                        ""

                Output.note
                    $"{title}  epoch {row.Epoch + 1}/{progress.Epochs}  train loss {row.TrainLoss:F3}{top1}  {row.ImagesPerSecond:F0} images/s  {left progress}"
            | TrainingEvent.TrainingEnd when live -> rewrite ""
            | _ -> ()

let private seconds = "seconds"

/// The command's view of a reproduction run.
type RunView() =
    let mutable trainings = 0
    let clock = Diagnostics.Stopwatch.StartNew()

    interface IRunObserver with
        member _.Started(folder, count) =
            trainings <- count

            Output.note
                $"run folder {IO.Path.GetRelativePath(Environment.CurrentDirectory, folder.Path)}, {count} trainings"

        member _.ArmStarted(arm, seed, number) =
            Line $"[{number + 1}/{trainings}] {arm}, seed {seed}" :> ITrainingObserver

        member _.Preparing what =
            Output.note $"making {what}; {int clock.Elapsed.TotalMinutes}:{clock.Elapsed.Seconds:D2} in all"
            Line what :> ITrainingObserver

        member _.ArmFinished(result, resumed) =
            let number (name: string) = result.Numbers[name]

            let note =
                if resumed then
                    "finished before"
                else
                    $"{number seconds:F1} s"

            let start = if live then "\r" else ""

            Output.note
                $"{start}{result.Arm}, seed {result.Seed}: {result.Headline}, {note}; {int clock.Elapsed.TotalMinutes}:{clock.Elapsed.Seconds:D2} in all"

        member _.ArmSkipped(arm, reason) =
            Output.note $"{arm}: not attempted: {reason}"

        member _.Judged(claim) =
            let verdict =
                match claim.Verdict with
                | Verdict.Holds -> "holds"
                | Verdict.Fails -> "FAILS"
                | _ -> $"not attempted: {claim.Reason}"

            let value =
                if claim.Measured.HasValue then
                    $"{claim.Measured.Value:G5} {claim.Unit}"
                else
                    ""

            Output.note (String.Format("  {0,-28} {1,-18} {2}", claim.Id, value, verdict))
