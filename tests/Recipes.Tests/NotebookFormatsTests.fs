module Recipes.Tests.NotebookFormatsTests

open System
open System.IO
open System.Text.Json.Nodes
open Expecto
open Recipes.Notebook.Documents
open Recipes.Tests.Support

let private withText name (text: string) (test: string -> unit) =
    inTemporaryFolder (fun folder ->
        let path = Path.Combine(folder, name)
        File.WriteAllText(path, text)
        test path)

let private ipynb cells metadata =
    $$"""{"cells": [{{cells}}], "metadata": {{metadata}}, "nbformat": 4, "nbformat_minor": 5}"""

let private code metadata source =
    let text = JsonValue.Create<string>(source).ToJsonString()

    $$"""{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {{metadata}}, "outputs": [], "source": {{text}}}"""

let private refused name text fragments =
    testCase name
    <| fun () ->
        withText
            (if Path.HasExtension name then
                 Path.GetFileName name
             else
                 "n.ipynb")
            text
            (fun path -> failsSaying (path :: fragments) (fun () -> NotebookDocument.Load path |> ignore))

let private cellsOf (path: string) =
    [ for c in (NotebookDocument.Load path).Cells -> c.Kind, c.Language, c.Source ]

let private good = ipynb (code "{}" "1") "{}"

[<Tests>]
let tests =
    testList
        "notebook formats"
        [
            testCase "a cell's language: first line, then polyglot_notebook, then dotnet_interactive, then the default"
            <| fun () ->
                let both =
                    """{"dotnet_interactive": {"language": "csharp"}, "polyglot_notebook": {"kernelName": "fsharp"}}"""

                let cases =
                    [
                        both, "1", "fsharp"
                        """{"dotnet_interactive": {"language": "F#"}}""", "1", "fsharp"
                        both, "#!csharp\n1", "csharp"
                        both, "\n#!C#  \n1", "csharp"
                        both, "#!cs", "csharp"
                        both, "#!html\n<b>", "html"
                        both, "#!md\n# x", "markdown"
                        both, "#!time\n1", "fsharp"
                        both, "#!share --from csharp x", "fsharp"
                        both, "// x\n#!csharp", "fsharp"
                        """{"polyglot_notebook": {"kernelName": "sql-mydb"}}""", "1", "sql-mydb"
                        "{}", "1", "csharp"
                    ]

                for metadata, source, language in cases do
                    withText "n.ipynb" (ipynb (code metadata source) "{}") (fun path ->
                        Expect.equal (NotebookDocument.Load path).Cells[0].Language language $"{metadata} {source}")

            testCase
                "the default language: kernelInfo, polyglot_notebook, dotnet_interactive, kernelspec, language_info"
            <| fun () ->
                let spec = "\"kernelspec\": {\"language\": \"C#\", \"name\": \".net-csharp\"}"
                let polyglot text = $"\"polyglot_notebook\": {{{text}}}"

                let cases =
                    [
                        polyglot """ "kernelInfo": {"defaultKernelName": "fsharp"}, "defaultKernelName": "sql" """,
                        "fsharp"
                        polyglot """ "defaultKernelName": "fs" """, "fsharp"
                        polyglot """ "kernelInfo": 3 """, "csharp"
                        """ "dotnet_interactive": {"language": "fsharp"} """, "fsharp"
                        spec, "csharp"
                    ]

                for text, language in cases do
                    let metadata = if text = spec then $"{{{spec}}}" else $"{{{spec}, {text}}}"

                    withText "n.ipynb" (ipynb "" metadata) (fun path ->
                        Expect.equal (NotebookDocument.Load path).DefaultLanguage language metadata)

                for metadata, language in
                    [
                        """{"kernelspec": {"name": ".net-fsharp"}}""", "fsharp"
                        """{"language_info": {"name": "F#"}}""", "fsharp"
                        """{"kernelspec": {"language": "python"}}""", "python"
                        "{}", "csharp"
                    ] do
                    withText "n.ipynb" (ipynb "" metadata) (fun path ->
                        Expect.equal (NotebookDocument.Load path).DefaultLanguage language metadata)

            testCase "a real .dib: languages of every kernel, magics stay in their cell"
            <| fun () ->
                let folder = shared "data/notebooks"

                let languages =
                    [
                        for _, language, _ in cellsOf (Path.Combine(folder, "all_kernels.dib")) -> language
                    ]

                Expect.equal languages [ "markdown"; "csharp"; "fsharp"; "pwsh"; "javascript"; "mermaid" ] "all_kernels"
                let script = cellsOf (Path.Combine(folder, "test_script.dib"))

                let markers =
                    File.ReadAllLines(Path.Combine(folder, "test_script.dib"))
                    |> Array.filter (fun l -> CellLanguages.OfLine l <> null)

                Expect.equal script.Length markers.Length "test_script: a cell a marker"

                let _, _, shares =
                    script
                    |> List.find (fun (_, _, source) -> source.StartsWith "#!share --from csharp x")

                Expect.stringContains shares "\n" "code below the magic"

                let _, language, _ =
                    script
                    |> List.find (fun (_, _, source) -> source.StartsWith "#!value --from-value")

                Expect.equal language "value" "a kernel and a magic of one name"

            testCase "real notebooks keep their cells through every format"
            <| fun () ->
                let files = Directory.GetFiles(shared "data/notebooks", "*.*b") |> Array.sort
                Expect.isGreaterThanOrEqual files.Length 9 "real notebooks found"

                inTemporaryFolder (fun folder ->
                    for file in files do
                        let trimmed path =
                            [
                                for kind, language, source in cellsOf path ->
                                    kind, language, source.ReplaceLineEndings("\n").Trim('\n')
                            ]

                        for extension in [ ".ipynb"; ".dib"; ".csx"; ".fsx" ] do
                            let copy = Path.Combine(folder, Path.GetFileNameWithoutExtension file + extension)
                            NotebookConvert.Convert(file, copy) |> ignore
                            Expect.equal (trimmed copy) (trimmed file) $"{file} as {extension}"
                            let back = Path.Combine(folder, "back.ipynb")
                            NotebookConvert.Convert(copy, back) |> ignore
                            Expect.equal (trimmed back) (trimmed file) $"{file} as {extension} and back")

            testCase "a changed .dib is written in Polyglot's layout"
            <| fun () ->
                withText
                    "n.dib"
                    "#!meta\n{\"kernelInfo\": {\"defaultKernelName\": \"fsharp\", \"items\": []}}\n#!f#\n1\n#!md\n\n# T\n#!c#\n2"
                    (fun path ->
                        let document = NotebookDocument.Load path
                        document.Cells[0].Source <- "\n#!csharp\n3\n"
                        document.Add(CellKind.Markdown, "```\n#!fsharp\n```") |> ignore
                        document.Add(CellKind.Code, "select 1", "sql-mydb") |> ignore
                        document.Save path

                        Expect.equal
                            (File.ReadAllText path)
                            ("#!meta\n\n{\"kernelInfo\":{\"defaultKernelName\":\"fsharp\",\"items\":[{\"aliases\":[],\"languageName\":\"sql-mydb\",\"name\":\"sql-mydb\"}]}}\n\n"
                             + "#!csharp\n\n3\n\n#!markdown\n\n# T\n\n#!csharp\n\n2\n\n#!markdown\n\n```\n #!fsharp\n```\n\n#!sql-mydb\n\nselect 1\n")
                            "the file"

                        Expect.equal
                            (NotebookDocument.Load path).Cells[4].Language
                            "sql-mydb"
                            "a kernel that only the head names")

            testCase "a script: prose, other languages and magics are comments"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let document = NotebookDocument.New "fsharp"
                    document.Add(CellKind.Markdown, "# T\n\nText") |> ignore

                    document.Add(CellKind.Code, "#!time\nlet x = 1\n// %% note", "fsharp").Tags <-
                        [ "parameters"; "a]\"b" ]

                    document.Add(CellKind.Code, "#!csharp\nvar y = 1;", "fsharp") |> ignore
                    let path = Path.Combine(folder, "n.fsx")
                    document.Save path

                    Expect.equal
                        (File.ReadAllText path)
                        ("// %% [markdown]\n// # T\n//\n// Text\n\n// %% tags=[\"parameters\",\"a]\\\"b\"]\n// #!time\nlet x = 1\n// // %% note\n\n"
                         + "// %% C#, not part of this F# script: language=\"csharp\"\n// var y = 1;\n")
                        "the file"

                    let back = NotebookDocument.Load path
                    Expect.sequenceEqual back.Cells[1].Tags [ "parameters"; "a]\"b" ] "tags"
                    Expect.equal back.Cells[2].Language "csharp" "language"
                    let plain = Path.Combine(root, "recipes", "mobileone.fsx")
                    let cells = (NotebookDocument.Load plain).Cells
                    Expect.equal cells.Count 1 "a script without headings is one cell"
                    Expect.equal cells[0].Source (File.ReadAllText(plain).Trim('\n')) "as it is")

            testCase "a conversion says what the format cannot hold"
            <| fun () ->
                let cell =
                    """{"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {"tags": ["parameters"]}, "source": "1",
                       "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}"""

                withText "n.ipynb" (ipynb cell "{}") (fun path ->
                    let lost extension =
                        String.Join("; ", NotebookConvert.Convert(path, Path.ChangeExtension(path, extension)))

                    Expect.equal
                        (lost ".dib")
                        "1 outputs are left out: .dib files hold none; tags are left out: .dib files hold none"
                        ".dib"

                    Expect.stringContains
                        (lost ".fsx")
                        "1 cells of another language are comments in a F# script"
                        ".fsx"

                    Expect.equal (lost ".IPYNB") "" ".ipynb"
                    failsSaying [ "n.txt"; ".ipynb, .dib, .csx, .fsx" ] (fun () -> lost ".txt" |> ignore))

            testList
                "refused"
                [
                    refused "not JSON" "{\n \"cells\": [é 3" [ "line 2, column 12"; "not JSON"; "Restore" ]
                    refused "empty" " \n" [ "is empty" ]
                    refused "cut off" (good.Substring(0, good.Length - 20)) [ "ends early"; "line 1, column" ]
                    refused "another JSON" "[1]" [ "not a notebook" ]
                    refused
                        "a key twice"
                        (good.Replace("\"nbformat\": 4", "\"nbformat\": 4, \"nbformat\": 4"))
                        [ "not JSON"; "nbformat" ]
                    refused "nbformat 3" """{"nbformat": 3, "worksheets": []}""" [ "nbformat 3"; "jupyter nbconvert" ]
                    refused "nbformat 5" """{"nbformat": 5, "cells": []}""" [ "nbformat 5"; "newer" ]
                    refused "no nbformat" """{"cells": []}""" [ "nbformat: expected the number 4, found nothing" ]
                    refused "nbformat as text" """{"nbformat": "4"}""" [ "found \"4\"" ]
                    refused "no cells" """{"nbformat": 4}""" [ "cells: expected a list, found nothing" ]
                    refused
                        "wrong types, all at once"
                        """{"nbformat": 4, "metadata": [], "cells": [3, {"cell_type": "heading", "source": null},
                           {"cell_type": "code", "source": ["a", 1], "outputs": [{}], "metadata": "m", "execution_count": 1.5}]}"""
                        [
                            "metadata: expected an object, found a list"
                            "cells[0]: expected an object, found 3"
                            "cells[1].cell_type: expected code, markdown or raw, found \"heading\""
                            "cells[1].source: expected text or a list of lines, found null"
                            "cells[2].source"
                            "cells[2].outputs[0]"
                            "cells[2].metadata: expected an object, found \"m\""
                            "cells[2].execution_count: expected a whole number or null, found 1.5"
                        ]
                    refused "bad.dib" "#!meta\n\n{\"kernelInfo\": }\n\n#!csharp\n1" [ "line 3, column 16"; "#!meta" ]
                    refused "list.dib" "#!meta\n[]" [ "line 2: expected a JSON object" ]
                    refused "none.dib" "#!meta\n\n#!csharp\n1" [ "head #!meta is empty" ]
                    refused "notebook.ipynbb" "{}" [ "'.ipynbb'"; "did you mean .ipynb" ]

                    testCase "bytes that are not text, a missing file, a folder, an unknown language"
                    <| fun () ->
                        inTemporaryFolder (fun folder ->
                            let path = Path.Combine(folder, "n.ipynb")
                            File.WriteAllBytes(path, [| 0x7Buy; 0x0Auy; 0xFFuy; 0x7Duy |])

                            failsSaying [ "not text in UTF-8"; "line 2" ] (fun () ->
                                NotebookDocument.Load path |> ignore)

                            failsSaying [ "no such file" ] (fun () -> NotebookDocument.Load(path + ".dib") |> ignore)
                            Directory.CreateDirectory(Path.Combine(folder, "d.ipynb")) |> ignore

                            failsSaying [ "is a folder" ] (fun () ->
                                NotebookDocument.Load(Path.Combine(folder, "d.ipynb")) |> ignore))

                        failsSaying [ "language 'fsharpp'"; "did you mean fsharp" ] (fun () ->
                            NotebookDocument.New "fsharpp" |> ignore)
                ]
        ]
