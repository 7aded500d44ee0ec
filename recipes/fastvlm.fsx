// FastVLM: Efficient Vision Encoding for Vision Language Models (CVPR 2025, arXiv 2412.13303), part one: where the time goes.
//
//   ./recipes.sh run fastvlm                          everything below, networks of their true sizes with random weights
//   ./recipes.sh run fastvlm --scale smoke            the exact claims, up to 1024 pixels, the 0.5B
//   dotnet fsi recipes/fastvlm.fsx --scale smoke      the same, without the command
//
// The paper's speed-ups come from a neural engine for the encoder and a GPU for the language model. On a processor time follows
// arithmetic, so every speed claim has three numbers: the paper's ratio, the ratio of multiply-accumulates, and ours. It holds when
// ours is within 30 % of the arithmetic; the paper's stands beside it.
#if INTERACTIVE
#r "../bin/TorchSharp.dll"
#r "../bin/Recipes.dll"
#r "../bin/Recipes.FSharp.dll"
#r "../bin/Recipes.Cli.dll"
#endif

open System
open Recipes
open Recipes.Data
open Recipes.FSharp
open Recipes.Models
open Recipes.Reports
open Recipes.Reproductions
open TorchSharp

// What --set can change, with its values at smoke, laptop and paper scale.

let models =
    Setting.Choice("models", [ "small"; "all" ], "small", "all", "all", "language models: 0.5B alone, or also 1.5B, 7B and Vicuna-7B, and OneVision")

let pixels = Setting.Whole("pixels", 1024, 2048, 2048, "largest static resolution", least = 512)

let patches = Setting.Whole("patches", 0, 768, 1024, "largest resolution of ViT-L/14 and SigLIP beside", least = 0)

let rounds = Setting.Whole("rounds", 3, 3, 10, "timed passes of each part")

let number = Setting.Choice("type", [ "bfloat16"; "float32" ], "bfloat16", "bfloat16", "bfloat16", "numbers of all networks alike")

let dtype (run: Results) = if run.Settings.Get number = "bfloat16" then torch.bfloat16 else torch.float32

let all (run: Results) = run.Settings.Get models = "all"

// What is measured, each group side by side.

let fold = Measurement.Of("fold", (fun (_: Results) -> FoldTable.Measure([ Mci.FastVitHd() ], 256, 3).[0].Evidence))
let splice = Measurement.Of("splice", (fun (_: Results) -> SpliceCheck.Measure(FastVlm.B05())))

let encoders =
    Measurement.Of(
        "encoders",
        fun (run: Results) ->
            let resolutions = [ 224; 512; 768; 1024; 1536 ] |> List.filter (fun r -> r <= run.Settings.Get pixels)
            TowerTimes.Measure(resolutions, run.Settings.Get patches, run.Settings.Get rounds, dtype run)
    )

let timed name atSmoke (works: Results -> FirstToken seq) =
    Measurement.Of(
        name,
        fun (run: Results) ->
            if not (atSmoke || all run) then
                notAttempted $"scale: {name} is measured with models=all"

            FirstTokenTimes.Measure(works run, run.Settings.Get rounds, 0, dtype run)
    )

let sweep spec whole tiles (run: Results) =
    let upTo most = Seq.filter (fun r -> r <= most)
    FirstToken.Sweep(spec, upTo (run.Settings.Get pixels) whole, upTo (run.Settings.Get pixels / 2) tiles)

let static4 = [ 256; 512; 768; 1024 ]

let small =
    timed "0.5b" true (fun run ->
        sweep (FastVlm.B05()) (static4 @ [ 1536; 2048 ]) [ 512; 768; 1024 ] run |> Seq.append (if all run then [ FirstToken.OneVision ] else []))

let middle = timed "1.5b" false (sweep (FastVlm.B15()) static4 [ 1024 ])
let large = timed "7b" false (sweep (FastVlm.B7()) static4 [ 1024 ] >> Seq.map _.WithSharedLayer())

let vicuna =
    timed "vicuna" false (fun _ -> [ FirstToken.Llava15; yield! List.map FirstToken.FastVlmVicuna [ 256; 768; 1024 ] ] |> Seq.map _.WithSharedLayer())

/// One ratio of two costs: what it is called, the paper's two times, and how ours are found.
type Comparison = { Id: string; Statement: string; Paper: PaperValue; Ratio: Results -> CostRatio }

/// From two measurements, with a word on where the paper has its two times, if it has.
let compared (ratio: 't -> 't -> Nullable<float> -> CostRatio) id statement where times (dear: Results -> 't) (cheap: Results -> 't) =
    let value = times |> Option.map (fun (a, b) -> a / b)

    {
        Id = id
        Statement = statement
        Paper = paper where (value |> Option.map (fun v -> $"{v:F1} x") |> Option.defaultValue "")
        Ratio = fun run -> ratio (dear run) (cheap run) (Option.toNullable value)
    }

let encoder = compared (fun (a: TowerTime) b p -> CostRatio.Of(a, b, p))
let encodersOf = compared (fun (a: FirstTokenTime) b p -> CostRatio.OfEncoders(a, b, p))
let first = compared (fun (a: FirstTokenTime) b p -> CostRatio.Of(a, b, p))

let hd r (run: Results) = run.Get(encoders).Of(VisionTower.FastVitHd r)
let fastVit r (run: Results) = run.Get(encoders).Of(VisionTower.FastVit r)
let vit r (run: Results) = run.Get(encoders).Of(VisionTower.VitL14 r)
let so400M r (run: Results) = run.Get(encoders).Of(VisionTower.So400M r)
let at r group (run: Results) = run.Get(group: Measurement<FirstTokenTimes>).At r
let tiles r group (run: Results) = run.Get(group: Measurement<FirstTokenTimes>).Tiles r
let llava (run: Results) = run.Get(vicuna).Of FirstToken.Llava15
let oneVision (run: Results) = run.Get(small).Of FirstToken.OneVision

let comparisons =
    [
        encoder "encoder/vit-l/224" "ViT-L/14 against FastViTHD, both at 224 px." "tab. 3" (Some(47.2, 6.8)) (vit 224) (hd 224)
        encoder "encoder/so400m/224" "SigLIP-SO400M against FastViTHD, both at 224 px." "" None (so400M 224) (hd 224)
        encoder "encoder/fastvit/512" "FastViTHD against FastViT, both at 512 px; it gives a quarter of the tokens." "" None (hd 512) (fastVit 512)
        encoder "encoder/fastvit/768" "FastViTHD against FastViT, both at 768 px." "tab. 1, 10" (Some(54.8, 34.5)) (hd 768) (fastVit 768)
        encoder "encoder/vit-l/768" "ViT-L/14 against FastViTHD, both at 768 px." "" None (vit 768) (hd 768)
        encodersOf "encoder/llava" "ViT-L/14 at 336 px against FastViTHD at 1024 px." "tab. 10" (Some(127.4, 116.3)) llava (at 1024 vicuna)
        encodersOf "encoder/onevision" "SigLIP's ten crops against FastViTHD at 1024 px." "tab. 10" (Some(2721.4, 116.3)) oneVision (at 1024 small)
        first "ttft/llava/256" "LLaVA-1.5 against FastVLM Vicuna at 256 px." "tab. 10" (Some(1297.4, 150.2)) llava (at 256 vicuna)
        first "ttft/llava/768" "LLaVA-1.5 against FastVLM Vicuna at 768 px (abstract: 3.2 x)." "tab. 10" (Some(1297.4, 386.9)) llava (at 768 vicuna)
        first "ttft/llava/1024" "LLaVA-1.5 against FastVLM Vicuna at 1024 px." "tab. 10" (Some(1297.4, 577.4)) llava (at 1024 vicuna)
        first "ttft/onevision" "LLaVA-OneVision against FastVLM 0.5B at 1024 px." "tab. 6" (Some(14124.0, 166.0)) oneVision (at 1024 small)
        first "ttft/resolution/0.5b" "0.5B: 1024 px against 512 px." "" None (at 1024 small) (at 512 small)
        first "ttft/resolution/1.5b" "1.5B: 1024 px against 768 px." "tab. 10" (Some(232.4, 151.9)) (at 1024 middle) (at 768 middle)
        first "ttft/resolution/7b" "7B: 1024 px against 768 px." "tab. 10" (Some(640.8, 446.0)) (at 1024 large) (at 768 large)
        first "ttft/anyres/0.5b" "0.5B: 2048 px in tiles against 1024 px." "tab. 6, 11" (Some(918.0, 166.0)) (tiles 1024 small) (at 1024 small)
        first "ttft/anyres/1.5b" "1.5B: 2048 px in tiles against 1024 px." "tab. 6, 11" (Some(1263.0, 233.0)) (tiles 1024 middle) (at 1024 middle)
        first "ttft/anyres/7b" "7B: 2048 px in tiles against 1024 px." "tab. 6, 11" (Some(3721.0, 641.0)) (tiles 1024 large) (at 1024 large)
        first "ttft/tiles" "0.5B: 2048 px in tiles against 2048 px at once." "" None (tiles 1024 small) (at 2048 small)
    ]

let follows =
    [
        for c in comparisons ->
            let statement = $"{c.Statement} The ratio of times is that of multiply-accumulates."
            claimOf c.Id Ratio statement c.Paper "of arithmetic" (fun run -> (c.Ratio run).Claimed) (within 1.0 CostRatio.Tolerance)
    ]

/// The ratios that this run has.
let found (run: Results) =
    comparisons
    |> List.choose (fun c ->
        try
            Some(c.Ratio run)
        with :? NotAttemptedException ->
            None)

/// What must be equal to the digit, or to the digits that the sheet of the official code prints.
let equal id statement where unit (expected: int64) (measure: Results -> int64) =
    claimOf id Exact statement (paper where $"{expected:N0}") unit (fun run -> measured (float (measure run)) "") (exactly (float expected))

let giga id what (at: int -> VisionTower) expected =
    [
        for r, e in expected do
            let measure _ = measured (float (at r).Macs / 1e9) ""
            let digits = within e (0.0006 * e + 0.05)

            claimOf $"macs/{id}/{r}" Exact $"Multiply-accumulates of {what} at {r} px." (paper "official code" $"{e} G") "G" measure digits
    ]

let prefill (spec: FastVlmSpec) size expected =
    let off (tokens, e) = abs (float (spec.Language.Macs(tokens, 0L)) / 1e9 / e - 1.0)
    let worst _ = measured (List.zip [ 16L; 64L; 144L; 256L; 576L ] expected |> List.map off |> List.max) "the largest difference"
    let words = paper "official sizes" (String.Join(", ", expected) + " G")
    let statement = $"{size}: multiply-accumulates of prompts of 16, 64, 144, 256 and 576 image tokens."

    claimOf $"macs/prefill/{size}" Exact statement words "relative" worst (atMost 0.01)

let projection = int64 (Mci.FastVitHd().FeatureWidth * Mci.FastVitHd().Classes)

let sizes =
    [
        "0.5b", FastVlm.B05(), 3_557_120L, 357_898_112L, 136_134_656L, 3072L, [ 5.7; 22.9; 51.5; 91.6; 206.0 ]
        "1.5b", FastVlm.B15(), 7_080_960L, 1_310_340_608L, 233_373_696L, 7168L, [ 21.0; 84.0; 189.0; 335.0; 755.0 ]
        "7b", FastVlm.B7(), 23_862_272L, 6_525_621_760L, 544_997_376L, 14336L, [ 104.0; 418.0; 940.0; 1671.0; 3759.0 ]
    ]

let code = "official code"

let costs =
    [
        equal "parameters/encoder/train" "FastViTHD, train-time." code "" 125_234_880L (fun run -> (run.Get fold).Before.Parameters)
        equal "parameters/encoder/folded" "FastViTHD, folded." "tab. 3 (125.1 M)" "" 125_073_504L (fun run -> (run.Get fold).After.Parameters)
        equal "parameters/encoder/used" "Without its projection." code "" 122_714_208L (fun run -> (run.Get fold).After.Parameters - projection)

        for size, spec, connector, body, embeddings, cache, macs in sizes do
            let language = spec.Language
            equal $"parameters/connector/{size}" $"{size}: the connector." code "" connector (fun _ -> spec.Connector)
            equal $"parameters/language/{size}" $"{size}: layers and last norm." code "" body (fun _ -> language.Body)
            equal $"parameters/embeddings/{size}" $"{size}: one table." code "" embeddings (fun _ -> int64 language.Vocabulary * int64 language.Width)

            equal $"cache/{size}" $"{size}: keys and values of 256 tokens." "formula" "KiB" cache (fun _ -> language.CacheBytes(256L, 2) / 1024L)

            prefill spec size macs

        for r, expected in [ 256, 16L; 512, 64L; 768, 144L; 1024, 256L; 1536, 576L; 2048, 1024L ] do
            equal $"tokens/{r}" $"Tokens of {r} px." "sec. 3.2, tab. 6" "" expected (fun _ -> int64 (VisionTower.FastVitHd r).Tokens)

        equal "tokens/anyres" "Tokens of 2x2 tiles of 1024 px and the overview." "tab. 11" "" 1280L (fun _ ->
            FirstToken.FastVlm(FastVlm.B05(), 1024, TileGrid(2, 2)).ImageTokens)
        equal "tokens/llava-1.5" "Tokens of LLaVA-1.5." "tab. 6" "" 576L (fun _ -> FirstToken.Llava15.ImageTokens)
        equal "tokens/onevision" "Tokens of LLaVA-OneVision." "tab. 6" "" 7290L (fun _ -> FirstToken.OneVision.ImageTokens)
    ]

let macs =
    giga "fastvithd" "FastViTHD" VisionTower.FastVitHd [ 224, 11.56; 256, 14.81; 512, 59.56; 768, 135.2; 1024, 243.4; 1536, 566.8; 2048, 1055.6 ]
    @ giga "fastvit" "FastViT (MCi2)" VisionTower.FastVit [ 256, 7.8; 512, 31.6; 768, 72.0; 1024, 130.4; 1536, 308.4 ]
    @ giga "vit-l" "ViT-L/14" VisionTower.VitL14 [ 224, 81.0; 336, 190.96 ]

/// Splicing: what is counted or compared is zero.
let spliced id statement bound (measure: SpliceCheck -> float) =
    let ours (run: Results) = measured (measure (run.Get splice)) $"of {(run.Get splice).Tokens} tokens"
    claimOf $"splice/{id}" Exact statement (paper code "equal") "" ours bound

let splicing =
    [
        spliced "places" "Image tokens replace the sentinel, words stay in order: misplaced tokens." (exactly 0.0) (fun s -> float s.Misplaced)
        spliced "labels" "Image tokens get the label -100, words keep theirs: wrong labels." (exactly 0.0) (fun s -> float s.Mislabelled)
        spliced "order" "Tokens go over the map row by row: largest relative difference." (atMost 1e-5) _.Flattening
    ]

/// The paper's table 6: milliseconds, and GQA, SQA, TextVQA, POPE, VQAv2, DocVQA, MMMU, Seed.
let published =
    [
        "0.5B 1024", 166.0, [ 63.1; 81.5; 62.9; 86.6; 78.8; 70.4; 32.9; 69.2 ], at 1024 small
        "1.5B 1024", 233.0, [ 64.3; 89.9; 69.0; 87.8; 80.7; 75.6; 39.1; 73.1 ], at 1024 middle
        "7B 1024", 641.0, [ 65.2; 95.7; 73.4; 86.9; 81.6; 82.7; 47.3; 74.1 ], at 1024 large
        "Vicuna 256", 150.0, [ 60.6; 69.2; 53.1; 82.3; 74.7; 17.4; 36.2; 63.7 ], at 256 vicuna
        "Vicuna 768", 387.0, [ 62.4; 67.6; 62.9; 87.7; 78.9; 32.9; 34.9; 68.2 ], at 768 vicuna
        "LLaVA-1.5", 1297.0, [ 62.0; 70.4; 58.2; 85.9; 76.6; 28.1; 35.3; 66.1 ], llava
    ]

/// What was measured, by language model.
let measurements (run: Results) =
    [ "0.5B", small; "1.5B", middle; "7B", large; "Vicuna-7B", vicuna ]
    |> List.filter (fun (name, _) -> name = "0.5B" || all run)
    |> List.map (fun (name, group) -> name, run.Get group)

let fastVlm =
    reproduction Papers.FastVlm {
        time "smoke 30 s, laptop 8 min on 2 cores"
        settings [ models; pixels; patches; rounds; number ]
        seeds (Setting.Whole("seeds", 1, 1, 1, "unused: nothing is trained"))
        claims costs
        claims macs

        claim
            "fold/exact"
            Exact
            "Folding FastViTHD leaves its outputs as they are."
            (paper "sec. 3.2" "equal")
            "relative"
            (fun run -> measured (run.Get fold).RelativeDifference "random weights and batch statistics, 256 px")
            (atMost 1e-5)

        claims splicing
        claims follows

        section
            "What the paper says, what arithmetic says, what we measure"
            "The paper times its encoder on a neural engine and its language model on a GPU; here one processor does both, and time follows multiply-accumulates. So FastViTHD at 1024 px is dearer than ViT-L/14 at 336 px, and what FastVLM wins, it wins in the language model's prompt. Where a ratio does not follow: a prompt of 16 tokens waits for the weights to come from memory, and attention over thousands of tokens runs at a fraction of the speed of large products."
            (fun run -> [ FastVlmFigures.Ratios(found run) ])

        section
            "Where the time goes"
            "Encoder, connector and prompt, all parts timed in turn; the tokens of a question would add the same to all. The 7B and Vicuna-7B are timed with the weights of one layer in place of all their layers: the same operators, as often, with the whole cache, in the memory of one layer."
            (fun run ->
                [
                    for name, times in measurements run do
                        FastVlmFigures.Breakdown($"FastVLM {name}, by pixels a side", times) :> IDisplay
                    for _, times in measurements run do
                        times
                ])

        section
            "Encoders"
            "One image; folded where they fold. FastViTHD gives a token for 64 x 64 pixels, FastViT for 32 x 32, the transformers for 14 x 14."
            (fun run -> FastVlmFigures.Encoders(run.Get encoders) |> List.ofSeq)

        section
            "Resolution, language model, tiles"
            "What the paper's scores are for these models and resolutions stands beside the time where its table 6 has them; FastVLM with Vicuna was trained on less data than with Qwen2."
            (fun run ->
                [
                    FastVlmFigures.Pareto(measurements run |> Seq.map snd)
                    if all run then
                        FastVlmFigures.Scores
                            [| for name, ms, scores, ours in published -> struct (name, (ours run).Total, ms, List.average scores) |]

                        FastVlmFigures.Tiling(run.Get small)
                ])
    }

#if INTERACTIVE
exit (Recipes.Cli.Script.run fastVlm fsi.CommandLineArgs)
#endif
