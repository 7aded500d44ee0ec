namespace Recipes.FSharp

open System
open Recipes
open Recipes.Reproductions

/// The words of a reproduction file.
[<AutoOpen>]
module ReproductionWords =
    /// Holds to rounding, at every scale.
    let Exact = ClaimKind.Exact

    /// A ratio of two measurements of one run.
    let Ratio = ClaimKind.Ratio

    /// A direction that training shows.
    let Trend = ClaimKind.Trend

    /// Where the paper says it, and its value.
    let paper (where: string) (value: string) = PaperValue(where, value)

    /// Up to and including.
    let atMost value = Bound.AtMost value

    /// From this value on.
    let atLeast value = Bound.AtLeast value

    /// Above.
    let above value = Bound.Above value

    /// At this value alone.
    let exactly value = Bound.Exactly value

    /// Within a distance of a value.
    let within value distance = Bound.Within(value, distance)

    /// A measured number with a word on where it comes from.
    let measured (value: float) (note: string) = Measured(value, note)

    /// The claim is not attempted, for this reason.
    let notAttempted (reason: string) : 'a = raise (NotAttemptedException reason)

    /// One claim: what, how strict, one sentence, the paper's words, our unit, how to measure, what holds.
    let claimOf id kind statement paper unit (measure: Results -> Measured) bound =
        ClaimDefinition.Of(id, kind, statement, paper, unit, measure, bound)

    /// One variant: a recipe for each seed.
    let armOf name (build: Settings -> int64 -> #IExperiment) =
        Arm(name, Func<_, _, _>(fun settings seed -> build settings seed :> IExperiment))

/// The F# face of Recipes.Reproductions.Reproduction: each operation is one line that calls one C# method.
type ReproductionBuilder(paper: Paper) =
    member _.Yield(_: unit) = Reproduction.Of paper

    /// What --set can change.
    [<CustomOperation "settings">]
    member _.Settings(r: Reproduction, settings: Setting list) = r.With(Array.ofList settings)

    /// How many seeds, where three at laptop scale are not wanted.
    [<CustomOperation "seeds">]
    member _.Seeds(r: Reproduction, seeds: Setting<int>) = r.WithSeeds seeds

    /// Measured time at smoke and laptop scale.
    [<CustomOperation "time">]
    member _.Time(r: Reproduction, time: string) = r.Taking time

    /// One variant: a recipe for each seed.
    [<CustomOperation "arm">]
    member _.Arm(r: Reproduction, name, build) = r.With [| armOf name build |]

    /// Several variants.
    [<CustomOperation "arms">]
    member _.Arms(r: Reproduction, arms: Arm list) = r.With(Array.ofList arms)

    /// One claim.
    [<CustomOperation "claim">]
    member _.Claim(r: Reproduction, id, kind, statement, paper, unit, measure, bound) =
        r.With [| claimOf id kind statement paper unit measure bound |]

    /// Several claims, for example one for each variant of a model.
    [<CustomOperation "claims">]
    member _.Claims(r: Reproduction, claims: ClaimDefinition list) = r.With(Array.ofList claims)

    /// A part of the report: heading, prose, and what shows itself.
    [<CustomOperation "section">]
    member _.Section(r: Reproduction, heading, prose, show: Results -> IDisplay list) =
        r.With
            [|
                Section(heading, prose, Func<_, _>(fun results -> show results |> Array.ofList :> _))
            |]

/// What a reproduction file opens.
[<AutoOpen>]
module ReproductionDsl =
    /// A reproduction of this paper.
    let reproduction (paper: Paper) = ReproductionBuilder paper
