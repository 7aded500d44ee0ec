module Recipes.Tests.ParityTests

open System.IO
open System.Text.RegularExpressions
open Expecto
open Recipes.Reproductions.Parity
open Recipes.Tests.Support

let private goldens () =
    Directory.GetFiles(shared "goldens", "mobileone_*.json") |> Array.sort

[<Tests>]
let tests =
    torchTests
        "parity"
        [
            testCase "every MobileOne golden passes"
            <| fun () ->
                let files = goldens ()
                Expect.hasLength files 6 "S0, S1 and S4, train-time and folded"

                for file in files do
                    let report = ParityRun.Compare file
                    Expect.isTrue report.Passed (report.ToString())
                    Expect.isGreaterThan report.Checks.Count 400 "comparisons"

            testCase "every decoder golden passes"
            <| fun () ->
                let decoders =
                    [
                        "qwen2_0.5b-2layer_unfused", 250
                        "openlm_160m-2layer_unfused", 600
                        "openlm_160m-2layer-qknorm_unfused", 600
                    ]

                for name, least in decoders do
                    let report = ParityRun.Compare(shared $"goldens/{name}.json")
                    Expect.isTrue report.Passed (report.ToString())
                    Expect.isGreaterThan report.Checks.Count least $"comparisons of {name}"

            testCase "a wrong number is found and named"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let text =
                        File.ReadAllText(Path.Combine(shared "goldens", "mobileone_s1_fused.json"))
                    // The first recorded value of the first checkpoint, moved by a tenth.
                    let changed =
                        Regex.Replace(
                            text,
                            @"(""checkpoints"".*?""values"": ?\[\s*)([-0-9.e]+)",
                            "${1}9.875",
                            RegexOptions.Singleline
                        )

                    Expect.notEqual changed text "the file was changed"
                    let file = Path.Combine(folder, "mobileone_s1_fused.json")
                    File.WriteAllText(file, changed)
                    let report = ParityRun.Compare file
                    Expect.isFalse report.Passed "beyond tolerance"
                    let first = report.FirstDifference
                    Expect.equal first.Name "stage0" "the first stage that differs"
                    Expect.stringContains (report.ToString()) "expected 9.875" "what was expected")

            testCase "files that are no goldens are clear errors, unknown families are not attempted"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let file name (text: string) =
                        let path = Path.Combine(folder, name)
                        File.WriteAllText(path, text)
                        path

                    failsSaying [ "broken.json"; "cannot be read" ] (fun () ->
                        ParityRun.Compare(file "broken.json" "{") |> ignore)

                    let other = ParityRun.Compare(file "other.json" """{"format":1,"model":"resnet"}""")
                    Expect.stringContains other.NotAttempted "'resnet'" "which family"

                    failsSaying [ "no such file"; "missing1"; "missing2" ] (fun () ->
                        ParityRun.Files [ "missing1"; "missing2" ] |> ignore))

            testCase "the generator equals the published vectors"
            <| fun () ->
                let key = "stage0.rbr_conv.0.conv.weight"
                Expect.floatClose Accuracy.veryHigh (SeededWeights.Uniform(key, 0L)) 0.8069998194015918 "u"
                let scales = SeedScales(4.0, 0.05, 0.1, 0.05, 10000.0)

                let value key shape i =
                    SeededWeights.Rule(key, shape, scales).Invoke(SeededWeights.Uniform(key, i), i)

                Expect.floatClose Accuracy.high (value key [| 48L; 3L; 3L; 3L |] 1L) -0.0554733276 "rule 9"

                Expect.floatClose
                    Accuracy.high
                    (value "stage0.rbr_conv.0.bn.running_var" [| 48L |] 2L)
                    4.36698008
                    "rule 4"

                Expect.floatClose
                    Accuracy.high
                    (value "network.0.0.layer_scale" [| 48L; 1L; 1L |] 0L)
                    0.0934388191
                    "rule 5"

                Expect.floatClose
                    Accuracy.high
                    (value "network.0.0.token_mixer.reparam_conv.weight" [| 96L; 1L; 3L; 3L |] 4L)
                    0.939182281
                    "rule 8"

                Expect.floatClose
                    Accuracy.high
                    (value "token_embedding.weight" [| 49408L; 512L |] 2L)
                    -0.0433550365
                    "rule 7"
        ]
