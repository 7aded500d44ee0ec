/// Magics, files and help of cells.
module Recipes.Tests.CellMagicsTests

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
        "cell magics"
        [
            testCase "magics"
            <| fun () ->
                let s = session.Value
                Expect.equal (shown s "#!html\n<b>x</b>") [ "<b>x</b>" ] "html"
                Expect.equal (shown s "#!markdown\n# x") [ "# x" ] "markdown"

                for code in both "HTML(\"<i>x</i>\")" "HTML \"<i>x</i>\"" do
                    Expect.contains (shown s code) "<i>x</i>" code

                Expect.stringContains (shown s "Javascript(\"1\")" |> List.head) "<script" "script"
                Expect.stringStarts (shown s "#!time\n1 + 1" |> List.last) "Wall time: " "time"
                shown s "var whosThis = 12;" |> ignore
                Expect.stringContains (shown s "#!who" |> List.head) "whosThis" "who"
                Expect.stringContains (shown s "#!whos" |> List.head) "12" "whos"
                Expect.stringContains (shown s "#!lsmagic" |> List.head) "#!share" "lsmagic"
                Expect.stringContains (shown s "#!about" |> List.head) "TorchSharp" "about"
                let name, text = failing s "#!shear --from x y"
                Expect.equal name "MagicError" "the name"
                Expect.stringContains text "did you mean share" "unknown"

            testCase "files: #load, #!import, #r of an assembly that is here binds to the loaded one"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let file (name: string) (text: string) =
                        let path = Path.Combine(folder, name)
                        File.WriteAllText(path, text)
                        path

                    let s = session.Value
                    let csx = file "a.csx" "int Loaded() => 41;"
                    Expect.equal (shown s $"#load \"{csx}\"\nLoaded() + 1") [ "42" ] "#load"
                    let fsx = file "b.fsx" "let imported = 43"

                    Expect.equal
                        (shown s $"#!import {fsx}\n#!share --from fsharp imported\nimported")
                        [ "43" ]
                        "#!import"

                    let dib =
                        file "c.dib" "#!csharp\n\nvar fromDib = 44;\n\n#!fsharp\n\nlet fromDib = 45\n"

                    Expect.equal (shown s $"#!import {dib}\nfromDib") [ "44" ] "a notebook"

                    // A copy elsewhere, as `../bin/Recipes.dll` is to a test's own folder.
                    let copy = Path.Combine(folder, "Recipes.dll")
                    File.Copy(typeof<Recipes.RecipesException>.Assembly.Location, copy)

                    for code in
                        both
                            $"#r \"{copy}\"\ntypeof(Recipes.RecipesException)"
                            $"#r \"{copy}\"\ntypeof<Recipes.RecipesException>" do
                        let outcome, _ = runCell s code
                        Expect.equal outcome.Status CellStatus.Ok code

                    Expect.equal
                        (shown
                            s
                            "#!fsharp\nlet theirs = typeof<Recipes.RecipesException>\n#!csharp\n#!share --from fsharp theirs\ntheirs == typeof(Recipes.RecipesException)")
                        [ "True" ]
                        "one type in both"

                    let copies =
                        AppDomain.CurrentDomain.GetAssemblies()
                        |> Array.filter (fun a -> a.GetName().Name = "Recipes")

                    Expect.equal copies.Length 1 "loaded once")

            testCase "completion, hover, completeness"
            <| fun () ->
                let s = session.Value
                shown s "var text = \"a\";" |> ignore
                shown s "#!fsharp\nlet numbers = [ 1; 2 ]" |> ignore
                let texts (c: Completions) = c.Items |> Seq.map _.Text |> List.ofSeq
                let at (code: string) = code.Replace("|", ""), code.IndexOf '|'

                for code, expected, start in
                    [
                        "text.Subs|", "Substring", 5
                        "Console.WriteL|", "WriteLine", 8
                        "#!fsharp\nnumbers.Hea|", "Head", 17
                        "#!fsharp\nList.fol|", "foldBack", 14
                    ] do
                    let text, cursor = at code
                    let found = s.Complete(text, cursor)
                    Expect.contains (texts found) expected code
                    Expect.equal found.Start start $"{code}: where it begins"

                for code, expected in
                    [
                        "text.Substr|ing(1)", "string.Substring(int startIndex)"
                        "#!fsharp\nList.ma|p", "mapping: ('T -> 'U)"
                    ] do
                    let text, cursor = at code
                    let found = s.Inspect(text, cursor)
                    Expect.isNotNull found code
                    Expect.stringContains (found.Data["text/plain"].GetValue<string>()) expected code

                for code, expected in
                    [
                        "var a = 1;", Completeness.Complete
                        "if (true) {", Completeness.Incomplete
                        "var = ;", Completeness.Invalid
                        "#!fsharp\nlet a = 1", Completeness.Complete
                        "#!fsharp\nlet f x =", Completeness.Incomplete
                        "#!fsharp\nlet = = 1", Completeness.Invalid
                    ] do
                    Expect.equal (s.IsComplete code) expected code
        ]
