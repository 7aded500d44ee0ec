/// C# and F# cells in one process: values, errors, sharing, magics, interruption.
module Recipes.Tests.CellsTests

open System
open System.IO
open Expecto
open Recipes.Notebook.Cells
open Recipes.Tests.CellDoubles
open Recipes.Tests.Support



[<Tests>]
let tests =
    testSequencedGroup "console"
    <| testList
        "cells"
        [
            testCase "the last expression is shown, state is kept, statements show nothing"
            <| fun () ->
                let s = session.Value

                for code in both "var x1 = 5; x1 + 1" "let x1 = 5\nx1 + 1" do
                    Expect.equal (shown s code) [ "6" ] code

                for code in both "x1 = 7;" "()" do
                    Expect.equal (shown s code) [] code

                Expect.equal (shown s "x1") [ "7" ] "kept"
                Expect.equal (shown s "int Twice(int a) => 2 * a;") [] "a declaration"
                Expect.equal (shown s "Twice(4)") [ "8" ] "its use"
                Expect.equal (shown s "string none = null; none") [ "null" ] "null is a value"
                Expect.equal (shown s "Console.Out.Flush()") [] "void is none"

            testCase "C# cells that declare nothing between cells that do"
            <| fun () ->
                let s = session.Value

                for i in 1..12 do
                    Expect.equal (shown s $"{i} + {i}") [ string (2 * i) ] "nothing declared"

                    if i % 3 = 0 then
                        Expect.equal
                            (shown s $"var d{i} = {i}; class D{i} {{ public int Twice(int a) => a * 2; }}")
                            []
                            "declared"

                        Expect.equal (shown s $"d{i}++; d{i} + new D{i}().Twice(d{i})") [ string (3 * (i + 1)) ] "used"

                Expect.equal (shown s "int.TryParse(\"9\", out var parsed);") [] "a variable in an expression"
                Expect.equal (shown s "parsed + d3 + d6 + d9 + d12") [ "43" ] "all are there"

            testCase "await at the top level, tasks and asyncs"
            <| fun () ->
                let s = session.Value
                Expect.equal (shown s "await Task.Delay(1); await Task.FromResult(3)") [ "3" ] "C#"

                for code, value in
                    [
                        "let! a = task { return 1 } // why\na", "1"
                        "let! b = task {\n    do! System.Threading.Tasks.Task.Delay 1\n    return 2\n}\nb", "2"
                        "let! c =\n    async {\n        return 3\n    }\nc", "3"
                        "do! System.Threading.Tasks.Task.Delay 1\n4", "4"
                        "task { return 5 }", "5"
                        "async { return 6 }", "6"
                        "await (async { return 7 })", "7"
                    ] do
                    Expect.equal (shown s ("#!fsharp\n" + code)) [ value ] code

            testCase "display, Display and updates, in order with what is printed"
            <| fun () ->
                for code in
                    both
                        "Console.Write(\"a\"); var d = display(1); Console.Write(\"b\"); d.Update(2); 3.Display();"
                        "printf \"a\"\nlet d = display 1\nprintf \"b\"\nd.Update 2\n(3).Display() |> ignore" do
                    let outcome, host = runCell session.Value code
                    Expect.equal outcome.Status CellStatus.Ok code
                    Expect.equal host.Shown [ "1"; "updated 2"; "3" ] code
                    let kinds = host.Outputs |> List.map (fun o -> o.GetType().Name)
                    Expect.equal kinds [ "Printed"; "Display"; "Printed"; "Update"; "Display" ] code

            testCase "standard output and error, console input"
            <| fun () ->
                for code in
                    both
                        "Console.WriteLine(\"out\"); Console.Error.WriteLine(\"err\"); Console.ReadLine()"
                        "printfn \"out\"\neprintfn \"err\"\nSystem.Console.ReadLine()" do
                    let _, host = runCell session.Value code
                    Expect.equal (host.Printed "stdout") "out\n" code
                    Expect.equal (host.Printed "stderr") "err\n" code
                    Expect.equal host.Shown [ "typed " ] code

                Expect.equal (shown session.Value "input(\"name?\")") [ "typed name?" ] "input"

                let outcome = session.Value.Run(CellRequest "input(\"name?\")", RecordingHost null)
                Expect.stringContains outcome.Error.Message "no one to ask" "a host without a user"

            testCase "a million lines arrive whole, in few pieces"
            <| fun () ->
                for code in
                    both
                        "for (var i = 0; i < 1_000_000; i++) Console.WriteLine(i);"
                        "for i in 0 .. 999_999 do System.Console.WriteLine i" do
                    let _, host = runCell session.Value code
                    let text = host.Printed "stdout"
                    Expect.equal (text.AsSpan().Count '\n') 1_000_000 code
                    Expect.stringEnds text "999999\n" code
                    Expect.isLessThan host.Outputs.Length 2_000 "pieces"

            testCase "compiler errors have line and column in the cell"
            <| fun () ->
                let name, text =
                    failing session.Value "var ok = 1;\n  int y = \"a\"; undefinedThing();"

                Expect.equal name "CompilationError" "C#"
                Expect.stringContains text "(2,11): error CS0029" "first"
                Expect.stringContains text "(2,16): error CS0103" "second"

                let name, text = failing session.Value "#!fsharp\nlet y : int = \"a\""
                Expect.equal name "CompilationError" "F#"
                Expect.stringContains text "(2,15): error FS0001" "F#, the line of #!fsharp counted"

            testCase "exceptions show the user's frames only, and what ran before stays"
            <| fun () ->
                let s = session.Value

                for define, call, line in
                    [
                        "int Boom(int a) {\n  throw new InvalidOperationException($\"boom {a}\");\n}",
                        "var before = 1; Boom(3);",
                        2
                        "#!fsharp\nlet boom a =\n  if a > 1 then failwithf \"boom %d\" a\n  a", "#!fsharp\nboom 3", 3
                    ] do
                    shown s define |> ignore
                    let defined = s.ExecutionCount
                    let _, text = failing s call
                    let lines = text.Split '\n'
                    Expect.stringContains lines[0] "boom 3" "the message"
                    Expect.stringContains text $"in cell {defined}, line {line}" "where it was thrown"
                    Expect.stringContains text $"at cell {s.ExecutionCount}, line" "who called"
                    Expect.isLessThanOrEqual lines.Length 3 text

                Expect.equal (shown s "before") [ "1" ] "assigned before the exception"

            testCase "exceptions that nobody waits for fail their cell, not the process"
            <| fun () ->
                for code in
                    [
                        "async void Bad() { await Task.Delay(1); throw new Exception(\"stray\"); } Bad(); await Task.Delay(200);"
                        "new Thread(() => throw new Exception(\"stray\")).Start(); Thread.Sleep(200);"
                        "#!fsharp\nSystem.Threading.Thread(fun () -> failwith \"stray\").Start()\nSystem.Threading.Thread.Sleep 200"
                    ] do
                    let _, text = failing session.Value code
                    Expect.stringContains text "stray" code

                Expect.equal (shown session.Value "1") [ "1" ] "the session goes on"

            testCase "an interrupt stops loops, waits and awaits, and state stays"
            <| fun () ->
                let s = session.Value
                shown s "var kept = 1;" |> ignore

                for code in
                    [
                        "while (true) { }"
                        "for (;;) { }"
                        "#!fsharp\nwhile true do ()"
                        "#!fsharp\ntask { do! System.Threading.Tasks.Task.Delay 60000 }"
                        "Thread.Sleep(60000);"
                        "await Task.Delay(60000);"
                        "while (true) { try { Thread.Sleep(1000); } catch (Exception) { } }"
                        "while (!Interruption.IsCancellationRequested) Thread.Sleep(1); Interruption.ThrowIfCancellationRequested();"
                        "{ using var a = TorchSharp.torch.rand(300, 300); while (true) { using var b = a.mm(a); } }"
                    ] do
                    Expect.isLessThan (interrupted s code) patience code

                Expect.equal (shown s "kept") [ "1" ] "state"

            testCase "values pass both ways by reference"
            <| fun () ->
                let s = session.Value

                shown s "var list = new List<int> { 1, 2 }; IEnumerable<int> odd = list.Where(a => a % 2 == 1);"
                |> ignore

                Expect.equal
                    (shown
                        s
                        "#!fsharp\n#!share --from csharp list\n#!share --from csharp odd --as few\nlist.Add 3\nSeq.length few")
                    [ "2" ]
                    "to F#"

                Expect.equal (shown s "list.Count") [ "3" ] "the same object"

                shown
                    s
                    "#!fsharp\ntype Point = { X: int; Y: string }\nlet point = { X = 1; Y = \"y\" }\nlet points = [ point ]"
                |> ignore

                Expect.equal
                    (shown
                        s
                        "#!share --from fsharp point\n#!share --from fsharp points\npoint.Y + points.Length + points[0].X")
                    [ "y11" ]
                    "a record and a list of records, with their types"

                Expect.equal
                    (shown s "#!set --name copy --value @fsharp:point\nobject.ReferenceEquals(copy, point)")
                    [ "True" ]
                    "set"

                Expect.equal
                    (shown s "#!fsharp\n#!set --name words --value \"two words\"\nwords")
                    [ "two words" ]
                    "a text"

                shown s "class Own { public override string ToString() => \"own\"; } var own = new Own();"
                |> ignore

                Expect.equal
                    (shown s "#!fsharp\n#!share --from csharp own\nown.ToString()")
                    [ "own" ]
                    "a type that F# cannot name"

                let _, text = failing s "#!share --from fsharp pointz"
                Expect.stringContains text "did you mean point" "unknown"
                let _, text = failing s "#!share --from python x"
                Expect.stringContains text "'python' is no language" "unknown language"
        ]
