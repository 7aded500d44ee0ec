module Recipes.Tests.NotebookDocumentTests

open System
open System.IO
open System.Text
open Expecto
open Recipes.Notebook.Documents
open Recipes.Tests.Support

let private notebooks () =
    Directory.GetFiles(shared "data/notebooks")
    |> Array.filter (fun f -> f.EndsWith ".ipynb" || f.EndsWith ".dib")
    |> Array.sort

/// What loading and saving makes of these bytes.
let private again (extension: string) (bytes: byte[]) =
    let mutable result = [||]

    inTemporaryFolder (fun folder ->
        let path = Path.Combine(folder, "in" + extension)
        let copy = Path.Combine(folder, "out" + extension)
        File.WriteAllBytes(path, bytes)
        NotebookDocument.Load(path).Save copy
        result <- File.ReadAllBytes copy)

    result

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

let private load (folder: string) (text: string) =
    let path = Path.Combine(folder, "n.ipynb")
    File.WriteAllText(path, text)
    NotebookDocument.Load path

let private saved (document: NotebookDocument) folder =
    let path = Path.Combine(folder, "saved.ipynb")
    document.Save path
    File.ReadAllText path

/// Spellings, unknown keys and layouts that no writer of ours would choose.
let private odd =
    """{
  "unknown": {"z": 1.0, "a": [1e5, -0, 1.50, []], "é": "\u00e9\/\ud83d\ude00"},
  "cells": [
    {"source": "one string", "cell_type": "raw", "metadata": {"format": "text/latex"}, "extra": null},
    {"source": ["x"], "cell_type": "code", "metadata": {"scrolled": true}, "outputs": [], "execution_count": 3},
    {"source": ["![p](attachment:p.png)"], "cell_type": "markdown", "metadata": {},
     "attachments": {"p.png": {"image/png": "iVBORw0KGgo="}}, "id": "not-a-guid_1"}
  ],
  "metadata": {},   "nbformat_minor": 5, "nbformat": 4
}

"""

[<Tests>]
let tests =
    testList
        "notebook documents"
        [
            testCase "every real notebook is written byte by byte as it was read"
            <| fun () ->
                let files = notebooks ()
                Expect.isGreaterThanOrEqual files.Length 9 "real notebooks found"

                for file in files do
                    let bytes = File.ReadAllBytes file
                    Expect.isTrue ((again (Path.GetExtension file) bytes).AsSpan().SequenceEqual bytes) file

            testCase "layouts that no tool writes are kept too: marks, line ends, one line, spellings"
            <| fun () ->
                let bom = Array.append (Encoding.UTF8.GetPreamble())

                for name, bytes in
                    [
                        "odd", utf8 odd
                        "mark", bom (utf8 odd)
                        "CRLF", utf8 (odd.Replace("\n", "\r\n"))
                        "UTF-16",
                        Encoding.Unicode.GetPreamble()
                        |> fun mark -> Array.append mark (Encoding.Unicode.GetBytes odd)
                        "one line", utf8 """{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}"""
                        "half a pair", utf8 (odd.Replace("one string", "\\ud83d \\\\ud83d"))
                    ] do
                    Expect.equal (again ".ipynb" bytes) bytes name

                let dib = "\r\n#!meta\r\n{ \"a\": 1.0 }\r\n#!c#\r\nx\r\n\r\n\r\n#!fsharp"
                Expect.equal (again ".dib" (utf8 dib)) (utf8 dib) ".dib"
                Expect.equal (again ".dib" (bom (utf8 dib))) (bom (utf8 dib)) ".dib with a mark"

            testCase "a change touches nothing but itself"
            <| fun () ->
                let file = Path.Combine(shared "data/notebooks", "mermaid_outputs.ipynb")
                let before = File.ReadAllLines file

                inTemporaryFolder (fun folder ->
                    let document = NotebookDocument.Load file
                    let last = document.Cells[document.Cells.Count - 1]
                    last.Source <- last.Source + "\nmore 😀 \"é\" \u2028\u007f\u0001"
                    let path = Path.Combine(folder, "n.ipynb")
                    document.Save path
                    let after = File.ReadAllLines path

                    let common =
                        Seq.zip before after |> Seq.takeWhile (fun (a, b) -> a = b) |> Seq.length

                    let tail =
                        Seq.zip (Array.rev before) (Array.rev after)
                        |> Seq.takeWhile (fun (a, b) -> a = b)
                        |> Seq.length

                    Expect.isLessThanOrEqual (before.Length - common - tail) 1 "lines changed"
                    let text = File.ReadAllText path
                    Expect.stringContains text "\"more 😀 \\\"é\\\" \u2028\u007f\\u0001\"" "spelled as Python does")

            testCase "spellings of untouched parts survive a change elsewhere"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let document = load folder odd
                    document.Cells[1].Source <- "y"
                    let text = saved document folder
                    Expect.stringContains text "\"z\": 1.0,\n" "number"
                    Expect.stringContains text "1e5,\n" "exponent"
                    Expect.stringContains text "\"\\u00e9\\/\\ud83d\\ude00\"" "escapes"
                    Expect.stringContains text "\n  \"cells\": [" "two spaces"

                    Expect.stringContains
                        text
                        "\"source\": [\n        \"y\"\n      ],\n      \"cell_type\""
                        "the change, key order"

                    Expect.stringContains text "\"source\": \"one string\"" "a source that is one string"
                    Expect.stringEnds text "}\n\n" "the end")

            testCase "a new notebook is what Polyglot writes"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let document = NotebookDocument.New()
                    document.Add(CellKind.Code, "1\n2", "f#").Tags <- [ "parameters" ]
                    document.Add(CellKind.Markdown, "") |> ignore
                    let text = saved document folder
                    let ids = [ for c in document.Cells -> c.Id ]

                    Expect.stringStarts
                        text
                        ($$"""{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "{{ids[0]}}",
   "metadata": {
    "dotnet_interactive": {
     "language": "fsharp"
    },
    "polyglot_notebook": {
     "kernelName": "fsharp"
    },
    "tags": [
     "parameters"
    ]
   },
   "outputs": [],
   "source": [
    "1\n",
    "2"
   ]
  },
  {
   "cell_type": "markdown",
   "id": "{{ids[1]}}",
   "metadata": {},
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": ".NET (C#)",
   "language": "C#",
   "name": ".net-csharp"
  },
"""
                            .Replace("\r", ""))
                        "the file"

                    Expect.stringEnds text " \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n" "the end"
                    Expect.equal (List.distinct ids) ids "ids differ")

            testCase "cells are inserted and removed; minors before 5 get no ids"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let document =
                        load folder (odd.Replace("\"nbformat_minor\": 5", "\"nbformat_minor\": 4"))

                    let added = document.Insert(1, CellKind.Code, "a")
                    document.Remove document.Cells[0]
                    Expect.isNull added.Id "no id"
                    let path = Path.Combine(folder, "saved.ipynb")
                    document.Save path
                    let sources = [ for c in (NotebookDocument.Load path).Cells -> c.Source ]
                    Expect.equal sources [ "a"; "x"; "![p](attachment:p.png)" ] "order"

                    Expect.throws
                        (fun () ->
                            document.Remove added
                            document.Remove added)
                        "removed twice")

            testCase "100 MB of outputs load and save in little more memory than they take"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let line = "\"" + String('x', 120) + "\\n\""
                    let lines = String.Join(",\n      ", Array.replicate 400_000 line)
                    let one = String('y', 50_000_000)

                    let text =
                        $$"""{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["x"], "outputs": [
  {"name": "stdout", "output_type": "stream", "text": [{{lines}}]},
  {"data": {"text/plain": "{{one}}"}, "metadata": {}, "output_type": "display_data"}]}],
 "metadata": {}, "nbformat": 4, "nbformat_minor": 4}"""

                    let path = Path.Combine(folder, "big.ipynb")
                    File.WriteAllText(path, text)
                    let size = FileInfo(path).Length
                    Expect.isGreaterThan size 100_000_000L "size"
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    let document = NotebookDocument.Load path
                    document.Cells[0].Source <- "changed"
                    let copy = Path.Combine(folder, "copy.ipynb")
                    document.Save copy
                    let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                    Expect.isGreaterThan (FileInfo(copy).Length) 100_000_000L "written"
                    Expect.isLessThan (float allocated / float size) 4.0 "allocated, in sizes of the file")
        ]
