module Recipes.Tests.NotebookRandomTests

open System
open System.IO
open System.Text.Json.Nodes
open Expecto
open FsCheck
open FsCheck.FSharp
open Recipes.Notebook.Documents
open Recipes.Tests.Support


let private saved (document: NotebookDocument) folder =
    let path = Path.Combine(folder, "saved.ipynb")
    document.Save path
    File.ReadAllText path

/// Random JSON, laid out as nbformat does, and random notebooks around it.
let rec private json depth : Gen<JsonNode> =
    let text = ArbMap.defaults |> ArbMap.generate<NonNull<string>> |> Gen.map _.Get

    let leaf =
        Gen.oneof
            [
                Gen.map (fun (s: string) -> JsonValue.Create s :> JsonNode) text
                Gen.map (fun (n: int) -> JsonValue.Create n :> JsonNode) (Gen.choose (-1000, 1000))
                Gen.elements [ true; false ]
                |> Gen.map (fun b -> JsonValue.Create b :> JsonNode)
                Gen.constant null
                Gen.elements [ "1.0"; "-0.0"; "1e-7"; "123456789012345678901234567890"; "\"\\u00e9\\/\"" ]
                |> Gen.map (fun raw -> JsonNode.Parse raw)
            ]

    if depth = 0 then
        leaf
    else
        Gen.oneof
            [
                leaf
                Gen.listOf (json (depth - 1))
                |> Gen.map (fun items -> JsonArray(Array.ofList items) :> JsonNode)
                Gen.listOf (Gen.zip text (json (depth - 1)))
                |> Gen.map (fun pairs ->
                    let map = JsonObject()

                    for key, value in pairs do
                        if not (map.ContainsKey key) then
                            map[key] <- value

                    map :> JsonNode)
            ]

type private Recipe =
    {
        Kind: CellKind
        Source: string
        Language: string
        Free: JsonNode
    }

let private cell =
    gen {
        let! kind =
            Gen.elements [ CellKind.Code; CellKind.Code; CellKind.Markdown; CellKind.Raw ]

        let! lines =
            Gen.listOf (
                Gen.elements
                    [
                        ""
                        "let x = 1"
                        "  // é 😀"
                        "#!time"
                        "#r \"nuget:A,1\""
                        "# Title"
                        "// %%"
                        "%% a"
                        "// #!who"
                        "\t\"q\\\""
                    ]
            )

        let! language = Gen.elements [ "csharp"; "fsharp"; "html"; "sql-mydb" ]
        let! free = json 2

        return
            {
                Kind = kind
                Source = String.Join("\n", lines)
                Language = language
                Free = free
            }
    }

let private document cells =
    let document = NotebookDocument.New "fsharp"

    for recipe in cells do
        let cell = document.Add(recipe.Kind, recipe.Source, recipe.Language)

        if not (isNull recipe.Free) then
            cell.Metadata["free"] <- recipe.Free.DeepClone()

    document

/// What every format keeps of a document.
let private meaning (document: NotebookDocument) =
    [ for c in document.Cells -> c.Kind, c.Language, c.Source.Trim('\n') ]

let private property name test =
    testPropertyWithConfigStdGen
        (2024UL, 11UL, None)
        { FsCheckConfig.defaultConfig with
            maxTest = 60
        }
        name
        (Prop.forAll (Arb.fromGen (Gen.listOf cell)) test)

[<Tests>]
let tests =
    testList
        "notebook round trips"
        [
            property "random notebooks come back from .ipynb, and are written the same again" (fun cells ->
                inTemporaryFolder (fun folder ->
                    let before = document cells
                    let text = saved before folder
                    let after = NotebookDocument.Load(Path.Combine(folder, "saved.ipynb"))
                    Expect.isNull after.Original "our layout needs no original"
                    Expect.isTrue (JsonNode.DeepEquals(before.Root, after.Root)) "same tree"
                    after.Metadata["more"] <- JsonValue.Create 1
                    after.Metadata.Remove "more" |> ignore
                    Expect.equal (saved after folder) text "same text"))

            property "random notebooks keep their meaning through .dib and back" (fun cells ->
                inTemporaryFolder (fun folder ->
                    let before = document cells
                    let path = Path.Combine(folder, "n.dib")
                    before.Save path
                    let after = NotebookDocument.Load path
                    Expect.equal (meaning after) (meaning before) "cells"
                    Expect.equal after.DefaultLanguage "fsharp" "default language"))

            property "random notebooks keep their meaning through scripts and back" (fun cells ->
                inTemporaryFolder (fun folder ->
                    for extension in [ ".fsx"; ".csx" ] do
                        let before = document cells
                        let path = Path.Combine(folder, "n" + extension)
                        before.Save path
                        Expect.equal (meaning (NotebookDocument.Load path)) (meaning before) extension))
        ]
