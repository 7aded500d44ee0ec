module Recipes.Tests.RecipeFacesTests

open Expecto
open Recipes
open Recipes.Data
open Recipes.Examples
open Recipes.FSharp
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Tests.Support

/// The C# twin of a shipped reproduction's arms.
let private twin (reproduction: Reproduction) arm scale values seed : IExperiment =
    match reproduction.Paper.Name with
    | "mobileone" -> MobileOneRecipes.Arm(arm, scale, values, seed)
    | "fastvit" -> FastVitRecipes.Arm(arm, scale, values, seed)
    | "mobileclip" -> MobileClipRecipes.Arm(arm, values, seed)
    | "clip-quality-captions" -> QualityCaptionRecipes.Arm(arm, values, seed)
    | name -> failtest $"{name} has no recipes in tests/Recipes.Examples"

[<Tests>]
let tests =
    testList
        "recipe faces"
        [
            testCase "every shipped recipe has one canonical JSON in both languages"
            <| fun () ->
                let mutable compared = 0

                for reproduction in Recipes.Cli.Library.shipped () |> List.filter (fun r -> r.Arms.Count > 0) do
                    for scale in [ Scale.Smoke; Scale.Laptop; Scale.Paper ] do
                        let real =
                            scale = Scale.Smoke
                            && reproduction.AllSettings |> Seq.exists (fun s -> s.Name = "real")

                        let overrides = if real then [ "real=cifar10" ] else []
                        let settings = Settings.Create(reproduction.AllSettings, scale, 5L, overrides)

                        for arm in reproduction.Arms do
                            if isNull (arm.Skip.Invoke settings) then
                                let fsharp = arm.Build.Invoke(settings, 5L).ToJson()

                                let csharp = (twin reproduction arm.Name scale settings.Values 5L).ToJson()

                                Expect.equal (fsharp.ToJsonString()) (csharp.ToJsonString()) $"{arm.Name} at {scale}"
                                compared <- compared + 1

                // MobileOne, FastViT, MobileCLIP, CLIP with Quality Captions (real arms of the latter two are not at smoke scale).
                Expect.equal
                    compared
                    (7 + 7 + 4 + 14 + 14 + 7 + 16 + 19 + 19 + 46 + 52 + 52)
                    "arms compared: the real ones not at paper scale"

            testCase "equal recipes have equal JSON, others another"
            <| fun () ->
                let make seed' =
                    (recipe (MobileOne.Mini()) {
                        data (images (Datasets.Scenes(100, 50)) 32<px> (Augment.None.Flip()) 25<image>)
                        optimize (Optim.Sgd 0.1) (Schedule.Cosine(warmup = 1.0))
                        mixup 0.2
                        cutmix 1.0
                        clip 1.0
                        accumulate 2
                        progressive [ ResolutionPhase(0.0, 24); ResolutionPhase(0.5, 32) ]
                        ema 0.99
                        seed seed'
                        train 2<epoch>
                        save "weights.safetensors"
                    })
                        .Document.ToJson()

                Expect.equal (CanonicalJson.Hash(make 1L)) (CanonicalJson.Hash(make 1L)) "equal"
                Expect.notEqual (CanonicalJson.Hash(make 1L)) (CanonicalJson.Hash(make 2L)) "another seed"
                let text = (make 1L).ToJsonString()

                for fragment in
                    [
                        "\"family\":\"mobileone\""
                        "\"source\":\"scenes\""
                        "\"mixup\":0.2"
                        "\"save\":\"weights.safetensors\""
                    ] do
                    Expect.stringContains text fragment "the JSON says it"

            testCase "a recipe's problems come all together"
            <| fun () ->
                failsSaying
                    [
                        "epochs: expected at least 1"
                        "labelSmoothing"
                        "ema"
                        "has 1000 classes, scenes has 10"
                        "data.size"
                    ]
                    (fun () ->
                        recipe (MobileOne.S0 1000) {
                            data (images (Datasets.Scenes(100, 50)) 4<px> Augment.None 25<image>)
                            label_smoothing 1.5
                            ema 2.0
                            train 0<epoch>
                        }
                        |> ignore)

            testCase "settings report every problem at once, with the nearest name"
            <| fun () ->
                let known = (Recipes.Cli.Library.byName "mobileone").AllSettings

                failsSaying
                    [
                        "'epoch' is unknown; did you mean epochs?"
                        "lr=fast: expected a number"
                        "data=imagenet: expected one of"
                        "'seeds': expected name=value"
                        "batch is given twice"
                    ]
                    (fun () ->
                        Settings.Create(
                            known,
                            Scale.Smoke,
                            0L,
                            [ "epoch=3"; "lr=fast"; "data=imagenet"; "seeds"; "batch=8"; "batch=9" ]
                        )
                        |> ignore)

                let settings = Settings.Create(known, Scale.Smoke, 0L, [ "epochs=3" ])
                Expect.equal settings.Values["epochs"] "3" "a good one counts"
        ]
