module Recipes.Tests.NotebookHtmlTests

open System.Text.Json.Nodes
open Expecto
open Recipes.Notebook.Documents
open Recipes.Notebook.Gallery

let private closes html = HtmlFragment.Closed(html, null)

let private outputs (json: string) =
    String.concat "|" [ for o in JsonNode.Parse(json).AsArray() -> OutputHtml.ToHtml o ]

[<Tests>]
let tests =
    testList
        "notebook html"
        [
            testCase "what an output opens is closed, what it did not open is not"
            <| fun () ->
                for html, expected in
                    [
                        "<b>x", "<b>x</b>"
                        "x</div></section>", "x"
                        "<div><b></div></b>y", "<div><b></b></div>y"
                        "<p>a<p>b<div>", "<p>a<p>b<div></div>"
                        "a < b <c", "a &lt; b "
                        "<!-- a", ""
                        "<!doctype html><html><body onload=x>t</body></html>", "t"
                        "<script>a</scripty></script>b", "<script>a</scripty></script>b"
                        "<script>a", "<script>a</script>"
                        "<script src=\"https://x/y.js\"></script>z", "z"
                        "<a title='\"</div>' b>c", "<a title=\"&quot;</div>\" b>c</a>"
                        "<style>a{}</div>", "<style>a{}</div></style>"
                        "<svg><path/><style></div></svg>", "<svg><path/><style></style></svg>"
                        "<img src=x><br/>", "<img src=\"x\"><br/>"
                        "<textarea></div>", "<textarea></div></textarea>"
                        "<plaintext>a", "a"
                    ] do
                    Expect.equal (closes html) expected html

            testCase "formulas: fractions, scripts, limits, delimiters, matrices; the rest as source"
            <| fun () ->
                let math latex = MathHtml.ToHtml(latex, false)

                for latex, part in
                    [
                        "x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mrow><mn>2</mn></mrow></msubsup>"
                        "\\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
                        "\\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"
                        "f'(x)", "<msup><mi>f</mi><mrow><mo>′</mo></mrow></msup>"
                        "\\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}", "<mtd><mrow><mn>1</mn></mrow></mtd>"
                        "\\text{if } x < 3", "<mtext>if </mtext>"
                        "\\mathbb{R}^{n}", "<mi>ℝ</mi>"
                        "{x", "<code class=\"latex\">{x</code>"
                        "\\left( x", "<code"
                    ] do
                    Expect.stringContains (math latex) part latex

                Expect.stringContains
                    (MathHtml.ToHtml("\\sum_{i=1}^n i", true))
                    "<munderover>"
                    "limits of a displayed sum"

            testCase "a value is shown in its richest form; what is unknown is shown as text"
            <| fun () ->
                let shown data =
                    outputs $$"""[{"output_type": "display_data", "metadata": {}, "data": {{data}} }]"""

                for data, expected in
                    [
                        """{"text/plain": "t", "text/html": ["<b>", "x"]}""",
                        "<div class=\"output html\"><b>x</b></div>"
                        """{"text/plain": "a picture", "image/png": "iVBO\n"}""",
                        "<div class=\"output image\"><img src=\"data:image/png;base64,iVBO\" alt=\"a picture\"></div>"
                        """{"text/markdown": "**x**"}""",
                        "<div class=\"output markdown\"><p><strong>x</strong></p>\n</div>"
                        """{"application/json": {"a": 1.0}}""",
                        "<pre class=\"output text\" tabindex=\"0\">{&quot;a&quot;:1.0}</pre>"
                        """{"x/y": "z"}""", "<pre class=\"output text\" tabindex=\"0\">z</pre>"
                        """{}""", ""
                    ] do
                    Expect.equal (shown data) expected data

                Expect.stringContains
                    (shown
                        """{"application/vnd.plotly.v1+json": {"data": [{"name": "</script>"}], "layout": {"title": {"text": "T"}}}}""")
                    "<figcaption>T</figcaption>"
                    "a figure of another library"

            testCase "a stream is shown as in a terminal, a huge one by its ends"
            <| fun () ->
                let stream text =
                    OutputHtml.ToHtml(OutputJson.Stream("stdout", text))

                Expect.stringContains (stream "1%\r50%\r\n100%\rdone") ">50%\ndone<" "overwritten"

                Expect.stringContains
                    (stream "\u001b[1;31mred\u001b[0m \u001b[38;5;9mno\u001b[2K")
                    "<span class=\"ansi-1 ansi-bold\">red</span> no<"
                    "colours"

                let huge = stream (String.replicate 1_000_000 "x\n")
                Expect.isLessThan huge.Length 210_000 "size"
                Expect.stringContains huge "kB left out" "it says so"

            testCase "code is coloured, and nothing of it is lost"
            <| fun () ->
                for language, code in
                    [
                        "csharp",
                        "#!time\nvar s = $\"<{x}>\"; // c\nchar c = '\\''; var t = @\"a\"\"b\"; return 1_0.5f; /* */"
                        "fsharp", "let f' x = \"\"\"<\"\"\" (* c *) + 'a' + 0x1F // c\ntype T<'a> = A of 'a"
                        "sql", "select <"
                    ] do
                    let html = CodeColours.ToHtml(code, language)

                    let text =
                        System.Net.WebUtility.HtmlDecode(
                            System.Text.RegularExpressions.Regex.Replace(html, "<[^>]+>", "")
                        )

                    Expect.equal text code language

                Expect.stringContains
                    (CodeColours.ToHtml("let x = \"if\"", "fsharp"))
                    "<span class=\"k\">let</span> x = <span class=\"s\">&quot;if&quot;</span>"
                    "keywords, not in texts"
        ]
