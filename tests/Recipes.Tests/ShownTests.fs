/// Every public type that shows itself, through the real formatting package, as other hosts do it.
module Recipes.Tests.ShownTests

open System
open System.Text.Json
open System.Text.RegularExpressions
open System.Xml.Linq
open Expecto
open Microsoft.DotNet.Interactive.Formatting
open Recipes
open Recipes.Display
open Recipes.Reproductions
open Recipes.Tests.ShownDoubles
open Recipes.Tests.Support

let private definition (t: Type) =
    if t.IsGenericType then t.GetGenericTypeDefinition() else t

/// The fragment read as XML, which is stricter than HTML.
let private parse (html: string) =
    XElement.Parse(Regex.Replace(html, "(<(?:img|meta|link|br)\\b[^>]*?)/?>", "$1/>"))

[<Tests>]
let tests =
    torchTests
        "shown"
        [
            testCase "there is a sample of every type that shows itself, and all evidence does"
            <| fun () ->
                let exported = typeof<IDisplay>.Assembly.GetExportedTypes()

                let expected =
                    exported
                    |> Array.filter (fun t -> typeof<IDisplay>.IsAssignableFrom t && not t.IsAbstract)
                    |> Array.map (fun t ->
                        if t.BaseType.IsAbstract && t.BaseType <> typeof<Block> then
                            t.BaseType.Name
                        else
                            t.Name)
                    |> set

                let sampled =
                    shown.Value
                    |> List.map (fun v ->
                        let t = definition (v.GetType())

                        if t.BaseType.IsAbstract && t.BaseType <> typeof<Block> then
                            t.BaseType.Name
                        else
                            t.Name)
                    |> set

                Expect.equal (Set.toList (expected - sampled)) [] "types without a sample"
                Expect.equal (Set.toList (sampled - expected)) [] "samples of types that do not show themselves"
                Expect.isGreaterThanOrEqual expected.Count 44 "types found"

                for evidence in exported |> Array.filter _.Name.EndsWith("Evidence") do
                    Expect.isTrue (typeof<IDisplay>.IsAssignableFrom evidence) evidence.Name

            testCase "a host finds HTML and text by the attribute's name alone"
            <| fun () ->
                for value in shown.Value do
                    let t = value.GetType()
                    Expect.sequenceEqual (Formatter.GetPreferredMimeTypesFor t) [ "text/html" ] t.Name
                    Expect.equal (Formatter.ToDisplayString(value, "text/html")) (value.ToHtml()) t.Name
                    // Other tests register formatters for the whole process, which may drop a last line's end.
                    let plain = Formatter.ToDisplayString(value, "text/plain")
                    Expect.equal (plain.TrimEnd()) (value.ToString().TrimEnd()) t.Name
                    let method = t.GetMethod("ToHtml", [||])
                    Expect.isTrue (method.IsPublic && method.ReturnType = typeof<string>) t.Name

            testCase "the HTML is well-formed, and no name in it becomes markup"
            <| fun () ->
                for value in shown.Value |> List.filter (fun v -> not (v :? InteractiveCharts)) do
                    let name = value.GetType().Name
                    let root = parse (value.ToHtml())

                    for script in root.Descendants "script" do
                        Expect.equal (script.Attribute("type").Value) "application/json" name
                        use _ = JsonDocument.Parse script.Value
                        ()

                    Expect.isGreaterThan (value.ToString().Length) 3 name

            testCase "texts of small values"
            <| fun () ->
                for value, expected in
                    [
                        box (Models.Latency(1.25, 2.5)), "1.25 ms (95 % within 2.5 ms)"
                        box profile,
                        "Cost            One image\n──────────────  ─────────\nparameters      2,000,000\nbuffers                10\nMACs            3,000,000\nactivations         4,000\nconvolutions           20\nnormalisations          5\n"
                        box evaluation,
                        "Samples  Top-1 (%)  Top-5 (%)  Loss (nats)\n───────  ─────────  ─────────  ───────────\n     10      75.00     100.00          0.5\n\nRows: true classes. Columns: predicted.\nClass  0  1\n─────  ─  ─\n0      5  1\n1      2  2\n"
                        box training,
                        "20 steps in 1 min 30 s, peak memory 954 MiB\nEpoch  Train loss  Test loss  Top-1 (%)  Averaged (%)  Speed (images/s)\n─────  ──────────  ─────────  ─────────  ────────────  ────────────────\n    1         1.5          –       50.0             –                 0\n    2         1.5          –       50.0             –                 0\n"
                    ] do
                    Expect.equal (value.ToString()) expected (value.GetType().Name)

            testCase "claims are a list that shows itself"
            <| fun () ->
                let claims: Collections.Generic.IReadOnlyList<Claim> =
                    ClaimsTable.From [ claim; claim ]

                Expect.equal claims.Count 2 "count"
                Expect.equal claims[1] claim "items"
                let json = Ledger.ToJson claims
                Expect.equal (JsonDocument.Parse(json).RootElement.GetArrayLength()) 2 "still JSON"

            testCase "a report stands in a cell as a fragment, and in a file as a page"
            <| fun () ->
                let report = HtmlReport("t").Section("s", chart)
                Expect.isFalse (report.ToHtml().Contains "<html") "fragment"
                Expect.stringStarts (report.ToPage()) "<!doctype html>" "page"
                Expect.stringContains (report.ToPage()) "recipesCharts" "the page draws its charts"

                Expect.isFalse
                    (HtmlReport("t").Section("s", Prose "p").ToPage().Contains "recipesCharts")
                    "only if it has any"

            testCase "a chart's picture is an image in the reader's colours, which notebooks keep that are not trusted"
            <| fun () ->
                let html = chart.ToHtml()
                Expect.isFalse (html.Contains "<svg") "no inline drawing"
                let data = Regex.Match(html, "data:image/svg\\+xml;base64,([^\"]+)").Groups[1].Value

                let svg =
                    XElement.Parse(Text.Encoding.UTF8.GetString(Convert.FromBase64String data))

                Expect.equal svg.Name.LocalName "svg" "a drawing"
                Expect.stringContains (svg.Attribute("style").Value) "light dark" "both schemes"
        ]
