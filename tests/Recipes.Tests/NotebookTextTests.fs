/// What the runner keeps of a process's text and displays.
module Recipes.Tests.NotebookTextTests

open System
open System.Collections.Generic
open System.IO
open System.IO.Pipes
open System.Text
open System.Text.Json.Nodes
open System.Threading
open Expecto
open Recipes.Notebook.Cells
open Recipes.Notebook.Running
open Recipes.Notebook.Running.Kernel
open Recipes.Tests.NotebookKernelDoubles
open Recipes.Tests.Support

[<Tests>]
let tests =
    testList
        "notebook text"
        [
            testCase "text of the process is cut at the marks, wherever the pieces end"
            <| fun () ->
                let all =
                    Encoding.UTF8.GetBytes(
                        "é\u0001 one" + RawText.Mark("t", 3) + "two" + RawText.Mark("t", 12) + "\u0001t"
                    )

                for size in [ 1; 2; 3; 5; all.Length ] do
                    let raw = RawText "t"

                    let parts =
                        [
                            for piece in Array.chunkBySize size all do
                                for struct (text, mark) in raw.Take(ReadOnlySpan piece) do
                                    if mark.HasValue then $"<{mark.Value}>" else text
                        ]

                    Expect.equal
                        (String.Join("", parts) + raw.Rest())
                        "é\u0001 one<3>two<12>\u0001t"
                        $"pieces of {size}"

            testCase "of a long text the start and the end are kept, and how much is left out is said"
            <| fun () ->
                let limit = OutputLimit 600L

                let kept =
                    [
                        for i in 1..100 do
                            yield! limit.Take(printed $"line {i:D4}\n")
                    ]

                Expect.equal (texts kept).Length 500 "five sixths"

                let rest = texts (limit.Take(CellOutput.Error("E", "m", [||])))
                Expect.stringContains rest "characters left out; --output-limit 0.001" "said"
                Expect.stringEnds rest "line 0099\nline 0100\n" "the end"
                Expect.isLessThan rest.Length 200 "one sixth"
                Expect.stringContains rest "]\nline 009" "from the start of a line"
                Expect.isEmpty (limit.Rest()) "once"

                limit.Take(CellOutput.Clear false) |> ignore
                Expect.equal (texts (limit.Take(printed "again"))) "again" "a cleared cell starts anew"

            testCase "displays are kept up to 64 MB a cell; updates count once"
            <| fun () ->
                let limit = OutputLimit 600L
                let big = String('x', 1 <<< 20)

                let show () =
                    limit.Take(CellOutput.Display(MimeBundle.Text big, null)) |> List.ofSeq

                let update () =
                    limit.Take(CellOutput.Update(MimeBundle.Text big, "id")) |> List.ofSeq

                for _ in 1..200 do
                    Expect.equal (update ()).Length 1 "updates"

                let kept = [ for _ in 1..100 -> (show ()).Length ]
                Expect.equal (List.sum kept) 63 "62 more fit, and one note that others are left out"
                Expect.equal (List.last kept) 0 "no more notes"
        ]
