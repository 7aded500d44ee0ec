using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>How far a student's features are from a teacher's.</summary>
public enum FeatureDistance
{
    /// <summary>1 − cosine over the width, mean over batch and places; of lengths it says nothing (SAM-CLIP, arXiv 2310.15308, L_CLIP).</summary>
    Cosine,

    /// <summary>Squared difference, mean over batch, places and width (FitNets, arXiv 1412.6550, without its ½).</summary>
    MeanSquare,
}

/// <summary>
/// What a part of the student puts out should be what a part of the teacher puts out for the same images: weight · distance(P·student,
/// teacher), mean over teachers. Parts are named by their paths, such as <c>stage3.0</c> (<c>model.Tree()</c> shows them); each puts out
/// <c>[B, C, H, W]</c>, <c>[B, T, D]</c> or <c>[B, D]</c>, and both have equal places (H·W or T).
/// </summary>
/// <remarks>Add it to other losses: <c>Loss.SoftTargets(2) + Loss.Feature("stage3", "stage3")</c>.</remarks>
public sealed record FeatureTargets
{
    /// <summary>The path of the student's part.</summary>
    public required string Student { get; init; }

    /// <summary>The path of the teacher's part; every teacher has it, unless <see cref="Of"/> names one.</summary>
    public required string Teacher { get; init; }

    /// <summary>Factor of this loss beside the others, above 0.</summary>
    /// <value>Default 1.</value>
    public double Weight { get; init; } = 1;

    /// <summary>The distance.</summary>
    /// <value>Default: cosine.</value>
    public FeatureDistance Distance { get; init; }

    /// <summary>
    /// P, a linear map without bias that is learned with the student and then thrown away; one for each teacher. Needed where widths differ; otherwise
    /// there is none.
    /// </summary>
    /// <value>Default false.</value>
    public bool Project { get; init; }

    /// <summary>The only teacher whose features these are, counted from 1; null for each teacher.</summary>
    /// <value>Default null.</value>
    public int? Of { get; init; }

    /// <summary>Everything that is out of range, one line each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(Weight > 0 && double.IsFinite(Weight)))
            yield return $"features {this}: expected a weight above 0, found {Weight}";
    }

    /// <summary>The distance of features of one shape, a scalar; without the weight.</summary>
    /// <param name="student"><c>[B, C, H, W]</c>, <c>[B, T, D]</c> or <c>[B, D]</c>.</param>
    /// <param name="teacher">The same shape, up to the form.</param>
    public Tensor Apart(Tensor student, Tensor teacher)
    {
        using var scope = NewDisposeScope();
        var (s, t) = (Places(student).Wide(), Places(teacher).Wide());
        var apart = Distance == FeatureDistance.Cosine ? 1 - Cosine(s, t) : nn.functional.mse_loss(s, t);
        return apart.MoveToOuterDisposeScope();
    }

    /// <summary>Such as <c>stage3 → stage4, cosine</c>.</summary>
    public override string ToString() =>
        $"{Student} → {Teacher}{(Of is { } number ? $" of teacher {number}" : "")}, {(Distance == FeatureDistance.Cosine ? "cosine" : "mean square")}"
        + (Weight == 1 ? "" : FormattableString.Invariant($" × {Weight}"))
        + (Project ? ", projected" : "");

    /// <summary>The mean cosine over batch and places, of <c>[B, N, D]</c>.</summary>
    internal static Tensor Cosine(Tensor student, Tensor teacher) => nn.functional.cosine_similarity(student, teacher, -1).mean();

    /// <summary>Features with their width last, <c>[B, N, D]</c>.</summary>
    internal static Tensor Places(Tensor features) =>
        features.dim() switch
        {
            2 => features.unsqueeze(1),
            4 => features.permute(0, 2, 3, 1).flatten(1, 2),
            _ => features,
        };

    internal string Identity =>
        FormattableString.Invariant($"{Student} > {Teacher}, teacher {Of}, {Distance}, weight {Weight}, project {Project}");
}
