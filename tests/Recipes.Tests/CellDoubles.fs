/// A host that records what a session shows.
module Recipes.Tests.CellDoubles

open System
open System.Collections.Generic
open Expecto
open Recipes.Notebook.Cells

type RecordingHost(answer: string) =
    let outputs = List<CellOutput>()

    member _.Outputs = List.ofSeq outputs

    /// Everything printed to one stream.
    member _.Printed(name: string) =
        outputs
        |> Seq.choose (function
            | :? CellOutput.Printed as p when p.Name = name -> Some p.Text
            | _ -> None)
        |> String.concat ""

    /// The plain texts of results, displays and updates, in order.
    member _.Shown =
        let text (bundle: MimeBundle) =
            bundle.Data |> Seq.last |> _.Value.GetValue<string>()

        [
            for output in outputs do
                match output with
                | :? CellOutput.Result as r -> text r.Content
                | :? CellOutput.Display as d -> text d.Content
                | :? CellOutput.Update as u -> "updated " + text u.Content
                | _ -> ()
        ]

    interface ICellHost with
        member _.Emit output = outputs.Add output

        member _.ReadLine(prompt, _) =
            if isNull answer then
                raise (NotSupportedException "no one to ask")
            else
                answer + prompt

/// Runs a cell; its end and what it showed.
let runCell (session: NotebookSession) code =
    let host = RecordingHost "typed "
    session.Run(CellRequest code, host), host

/// A cell that ends well; what it showed.
let shown session code =
    let outcome, host = runCell session code
    Expect.equal outcome.Status CellStatus.Ok $"{code}\n{outcome.Error}"
    host.Shown

/// A cell that fails; the error's name and its lines as one text.
let failing session code =
    let outcome, host = runCell session code
    Expect.equal outcome.Status CellStatus.Error code

    Expect.equal (List.last host.Outputs) (outcome.Error :> CellOutput) "the error is the last output"
    outcome.Error.Name, String.concat "\n" outcome.Error.Traceback

/// Interrupts a cell after a moment; the time until it ended.
let interrupted (session: NotebookSession) code =
    let mutable asked = 0L

    use _ =
        new Threading.Timer(
            (fun _ ->
                asked <- Environment.TickCount64
                session.Interrupt()),
            null,
            400,
            -1
        )

    let outcome, _ = runCell session code
    Expect.equal outcome.Status CellStatus.Interrupted code
    TimeSpan.FromMilliseconds(float (Environment.TickCount64 - asked))

// The console and unhandled exceptions belong to the process, so there is one session, and cells run one after another.
let session = lazy (new NotebookSession("csharp", warm = false))

let both (csharp: string) (fsharp: string) = [ csharp; "#!fsharp\n" + fsharp ]
