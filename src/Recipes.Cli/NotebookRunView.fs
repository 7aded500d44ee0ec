/// How a notebook's run shows itself: on a terminal a live line for the running cell, elsewhere a line when a cell has ended.
module Recipes.Cli.NotebookRunView

open System
open Recipes.Notebook.Cells
open Recipes.Notebook.Running

/// Where nothing can be rewritten, a long cell says that often that it still runs.
let private heartbeat = TimeSpan.FromSeconds 30.0

let private word (cell: CellRun) =
    match cell.Status with
    | CellRunStatus.Passed -> "ok"
    | CellRunStatus.Failed -> "FAILED"
    | CellRunStatus.TimedOut -> "TIMEOUT"
    | CellRunStatus.Interrupted -> "stopped"
    | CellRunStatus.KernelDied -> "DIED"
    | CellRunStatus.Skipped -> "skipped"
    | _ -> ""

let private short length (text: string) =
    if text.Length > length then
        text.Substring(0, length - 1) + "…"
    else
        text

/// The text of an output, for a log.
let private plain (output: CellOutput) =
    match output with
    | :? CellOutput.Printed as p -> p.Text
    | :? CellOutput.Error as e -> String.Join("\n", e.Traceback) + "\n"
    | :? CellOutput.Display as d -> string d.Content.Data["text/plain"] + "\n"
    | :? CellOutput.Result as r -> string r.Content.Data["text/plain"] + "\n"
    | _ -> ""

/// The command's view of a run; `verbose` shows the outputs as they come.
type View(verbose: bool) =
    let mutable cells = 0
    let mutable beats = 0
    let mutable last = ""

    let line (cell: CellRun) (status: string) seconds width =
        String.Format("{0,-8}{1,3}/{2,-3}{3,7:F1} s  {4}", status, cell.Number, cells, seconds, short width cell.Title)

    // With the last line that the cell printed.
    let running (cell: CellRun) (elapsed: TimeSpan) width =
        if last = "" then
            line cell "running" elapsed.TotalSeconds 70
        else
            line cell "running" elapsed.TotalSeconds 30 + "  | " + short width last

    interface INotebookRunObserver with
        member _.Started(run) =
            cells <- run.Cells.Count
            Output.note $"{run.File}: {cells} cells"

            for KeyValue(name, value) in run.Parameters do
                Output.note $"  {name} = {value}"

        member _.CellStarted(cell) =
            beats <- 0
            last <- ""

            if Terminal.live then
                Terminal.rewrite (running cell TimeSpan.Zero 60)

        member _.Output(cell, output) =
            let text = plain output

            if verbose then
                if Terminal.live then
                    Terminal.rewrite ""
                    Console.Error.Write "\r"

                Console.Error.Write text
            elif output :? CellOutput.Printed then
                let lines =
                    text.Split(
                        [| '\n'; '\r' |],
                        StringSplitOptions.RemoveEmptyEntries ||| StringSplitOptions.TrimEntries
                    )

                last <- lines |> Array.tryLast |> Option.defaultValue last

        member _.Tick(cell, elapsed) =
            if Terminal.live then
                if not verbose then
                    Terminal.rewrite (running cell elapsed 60)
            elif elapsed > float (beats + 1) * heartbeat then
                beats <- beats + 1
                Output.note (running cell elapsed 100)

        member _.CellEnded(cell) =
            if Terminal.live then
                Terminal.rewrite ""
                Console.Error.Write "\r"

            Output.note (line cell (word cell) cell.Seconds 70)

            if cell.Bad && not verbose then
                let lines = cell.Error.Traceback |> Seq.collect _.Split('\n')

                for line in lines |> Seq.truncate 30 do
                    Output.note $"        {line}"
