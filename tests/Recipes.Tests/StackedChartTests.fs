/// Bars that stand on each other, and charts behind a slider.
module Recipes.Tests.StackedChartTests

open Expecto
open Recipes.Display
open Recipes.Tests.Support

let private bars stacked a b =
    Charts.Bars("t", "ms", [ "one" ], [ Series.Bars("a", [ a ]); Series.Bars("b", [ b ]) ], stacked)

[<Tests>]
let tests =
    testList
        "stacked charts"
        [
            testCase "a stack has its sum above it and an axis that reaches it"
            <| fun () ->
                let stacked = (bars true 100.0 300.0).ToSvg()
                Expect.stringContains stacked ">400</text>" "the sum"

                Expect.isFalse
                    (stacked.Contains ">100</text><" && stacked.Contains ">300</text><rect")
                    "no parts' values"

                let apart = (bars false 100.0 300.0).ToSvg()
                Expect.isFalse (apart.Contains ">400</text>") "beside each other the axis ends before"

                Expect.stringContains
                    (Recipes.Display.Blocks([ bars true 1.0 2.0 ]).ToHtml())
                    "\"stack\""
                    "plotly's name"

            testCase "a slider shows one chart at a time, on its own axis"
            <| fun () ->
                let slider =
                    SliderBlock(
                        "t",
                        "pixels",
                        [ struct ("256", bars true 1.0 2.0); struct ("512", bars true 100.0 300.0) ]
                    )

                let html = slider.ToHtml()
                Expect.stringContains html "\"sliders\"" "a slider"
                Expect.stringContains html "[true,true,false,false]" "the first step's series"
                Expect.stringContains html "[false,false,true,true]" "the second's"
                Expect.stringContains html "pixels 512" "the data of each"

                let one = Charts.Bars("t", "ms", [ "one" ], [ Series.Bars("a", [ 1.0 ]) ])

                failsSaying [ "as many series" ] (fun () ->
                    SliderBlock("t", "p", [ struct ("a", one); struct ("b", bars true 1.0 2.0) ])
                    |> ignore)

                failsSaying [ "one chart or more" ] (fun () -> SliderBlock("t", "p", []) |> ignore)
        ]
