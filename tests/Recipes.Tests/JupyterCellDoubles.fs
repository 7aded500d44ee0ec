/// A session whose cells are commands.
module Recipes.Tests.JupyterCellDoubles

open System
open System.Threading
open Recipes.Notebook.Cells

/// Cells: `echo X`, `print X`, `both N`, `lines N`, `display X`, `updates N`, `clear`, `input P`, `loop`, `flood`, `stuck`, `fail`,
/// `throw`.
type ScriptedSession() =
    let stop = new ManualResetEventSlim()
    let mutable count = 0

    let run (code: string) (host: ICellHost) =
        let word, rest =
            match code.Split(' ', 2) with
            | [| word; rest |] -> word, rest
            | words -> words[0], ""

        let print name text =
            host.Emit(CellOutput.Printed(name, text))

        let text (value: string) = MimeBundle.Text value

        match word with
        | "echo" -> Some(text rest)
        | "print" ->
            print "stdout" rest
            None
        | "both" ->
            for i in 1 .. int rest do
                print "stdout" $"o{i}\n"
                print "stderr" $"e{i}\n"

            None
        | "lines" ->
            for i in 1 .. int rest do
                print "stdout" $"line {i}\n"

            None
        | "display" ->
            host.Emit(CellOutput.Display(text rest, null))
            None
        | "updates" ->
            print "stdout" "before "
            host.Emit(CellOutput.Display(text "0", "bar"))

            for i in 1 .. int rest do
                host.Emit(CellOutput.Update(text (string i), "bar"))

            print "stdout" "after"
            None
        | "clear" ->
            host.Emit(CellOutput.Clear true)
            None
        | "input" -> Some(text ("got " + host.ReadLine(rest, false)))
        | "loop" ->
            stop.Wait()
            raise (OperationCanceledException())
        | "flood" ->
            while not stop.IsSet do
                print "stdout" (String('x', 1000))

            raise (OperationCanceledException())
        | "stuck" ->
            Thread.Sleep Timeout.Infinite
            None
        | "fail" ->
            let error = CellOutput.Error("Failed", rest, [| "line 1"; rest |])
            host.Emit error
            None
        | "throw" -> raise (InvalidOperationException rest)
        | _ when code.StartsWith "display(" ->
            host.Emit(CellOutput.Display(text (code.Substring(8).TrimEnd ')'), null))
            None
        | _ -> None

    interface ICellSession with
        member _.DefaultLanguage = "csharp"
        member _.ExecutionCount = count

        member _.Run(request, host) =
            stop.Reset()

            if not request.Silent then
                count <- count + 1

            try
                match run request.Code host with
                | Some value when not request.Silent -> host.Emit(CellOutput.Result(value, count))
                | _ -> ()

                if request.Code.StartsWith "fail" then
                    CellOutcome(CellStatus.Error, count, CellOutput.Error("Failed", "asked to", [| "asked to" |]))
                else
                    CellOutcome(CellStatus.Ok, count)
            with :? OperationCanceledException ->
                let error = CellOutput.Error("Interrupted", "stopped", [| "stopped" |])
                host.Emit error
                CellOutcome(CellStatus.Interrupted, count, error)

        member _.Interrupt() = stop.Set()

        member _.Complete(code, cursor, _, _) =
            let start = code.LastIndexOf(' ', max 0 (cursor - 1)) + 1
            let prefix = code.Substring(start, cursor - start)

            let items =
                [ "abs"; "abort"; "zip" ]
                |> List.filter _.StartsWith(prefix)
                |> List.map (fun text -> Completion(text, "function"))

            Completions(start, cursor, items)

        member _.Inspect(code, cursor, _, _) =
            if cursor < code.Length then
                MimeBundle.Text(string code[cursor])
            else
                null

        member _.IsComplete(code, _) =
            if code.EndsWith "{" then Completeness.Incomplete
            elif code.EndsWith "}" then Completeness.Invalid
            else Completeness.Complete

    interface IDisposable with
        member _.Dispose() = ()
