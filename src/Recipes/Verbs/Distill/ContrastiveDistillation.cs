using Recipes.Layers;
using Recipes.Training;
using Recipes.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Verbs;

/// <summary>
/// The objective of a student of images and captions: its pairs, and what teachers say of the very same images and captions. Their embeddings come with the
/// batch where they are stored, else from live teachers (MobileCLIP, arXiv 2311.17049, sec. 3).
/// </summary>
public sealed class ContrastiveDistillation : PairObjective
{
    private readonly ContrastiveTargets _by;
    private readonly IReadOnlyList<int>? _widths;
    private readonly IReadOnlyList<Module> _teachers;
    private readonly string _name;

    /// <summary>Teachers whose embeddings come with each batch.</summary>
    /// <param name="by">The loss.</param>
    /// <param name="widths">Widths of their embeddings.</param>
    /// <param name="teachers">Says which teachers; part of a checkpoint's identity.</param>
    /// <exception cref="RecipesException">The loss is out of range.</exception>
    public ContrastiveDistillation(ContrastiveTargets by, IReadOnlyList<int> widths, string teachers)
        : this(by, widths, [], $"stored {teachers}") { }

    /// <summary>Teachers that run at each step, in evaluation mode and without gradients; they read the student's images and token ids.</summary>
    /// <param name="by">The loss.</param>
    /// <param name="teachers">Networks of images and captions; they stay the caller's.</param>
    /// <exception cref="RecipesException">The loss is out of range.</exception>
    public ContrastiveDistillation(ContrastiveTargets by, IReadOnlyList<Module> teachers)
        : this(by, null, teachers, string.Join(", ", teachers.Select(t => $"{t.GetName()} {StateDict.Digest(t)}"))) { }

    private ContrastiveDistillation(ContrastiveTargets by, IReadOnlyList<int>? widths, IReadOnlyList<Module> teachers, string name)
    {
        RecipesException.ThrowIfAny("the student cannot be distilled:", [.. by.Problems()]);
        (_by, _widths, _teachers, _name) = (by, widths, teachers, name);
    }

    /// <inheritdoc/>
    public override string Name => $"contrastive distillation, {_by}, of {_name}";

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, Tensor> Prepare(TrainState state)
    {
        if (_teachers.Count == 0 || _by.Lambda == 0)
            return state.More;
        using var mode = new EvaluationMode(_teachers);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (count, kinds) = (state.Targets.shape[0], state.Targets.shape[1]);
        var encoders = _teachers.Cast<IPairEncoder>().ToList();
        var images = cat(encoders.ConvertAll(t => t.EncodeImage(state.Inputs)), 1);
        var texts = cat(encoders.ConvertAll(t => t.EncodeText(state.Targets.flatten(0, 1))), 1).view(count, kinds, -1);
        return new Dictionary<string, Tensor>(StringComparer.Ordinal)
        {
            [PairBatch.TeacherImage] = images.MoveToOuterDisposeScope(),
            [PairBatch.TeacherText] = texts.MoveToOuterDisposeScope(),
        };
    }

    /// <inheritdoc/>
    protected override Tensor Of(PairOutputs outputs, IReadOnlyDictionary<string, Tensor> more)
    {
        var image = more.GetValueOrDefault(PairBatch.TeacherImage) is { } found ? Collect(found) : null;
        var texts = more.GetValueOrDefault(PairBatch.TeacherText);
        var widths = _widths ?? (image is null ? null : [.. _teachers.Select(_ => (int)(image.shape[1] / _teachers.Count))]);
        return outputs
            .Texts.Select(
                (text, kind) =>
                    _by.Of(outputs.Image, text, outputs.Scale, image, texts is null ? null : Collect(texts.select(1, kind)), widths)
            )
            .Aggregate((a, b) => a + b);
    }
}
