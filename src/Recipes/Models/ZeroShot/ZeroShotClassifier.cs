using Recipes.Data;
using Recipes.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// A classifier whose classes are captions (CLIP, arXiv 2103.00020, sec. 3.1): the softmax of scale times the products of normalised embeddings.
/// The captions are encoded once, in evaluation mode and without gradients; the network's mode is as before afterwards.
/// </summary>
public sealed class ZeroShotClassifier : IDisposable
{
    private readonly Module _module;
    private readonly IImageText _model;
    private readonly ZeroShotOptions _options;
    private readonly Tensor _captions; // [N, D]

    private ZeroShotClassifier(
        Module module,
        IImageText model,
        IReadOnlyList<string> classes,
        ClipTokenizer tokenizer,
        ZeroShotOptions options
    )
    {
        options.Check();
        if (classes.Count == 0)
            throw new RecipesException("classes: expected at least one prompt or class name, found none.");
        (_module, _model, _options, Classes) = (module, model, options, [.. classes]);
        _captions = Encode(tokenizer);
    }

    /// <summary>The class names or captions, in the order of the probabilities.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The embeddings of the classes, <c>[N, D]</c>, length 1; the classifier owns them.</summary>
    public Tensor Embeddings => _captions;

    /// <summary>A classifier of these classes.</summary>
    /// <param name="model">A network of images and captions, such as <see cref="MobileClip"/> or <see cref="Clip"/>; it stays the caller's.</param>
    /// <param name="classes">Whole captions, or names for the templates of the options. Captions of more than 75 tokens are cut.</param>
    /// <param name="tokenizer">Null for the vocabulary in the cache.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="RecipesException">No class, no template, no vocabulary, or ids that the network does not know.</exception>
    public static ZeroShotClassifier Of<T>(
        T model,
        IReadOnlyList<string> classes,
        ClipTokenizer? tokenizer = null,
        ZeroShotOptions? options = null
    )
        where T : Module, IImageText => new(model, model, classes, tokenizer ?? ClipTokenizer.Open(), options ?? new ZeroShotOptions());

    /// <summary>Classifies picture files of any sizes.</summary>
    /// <exception cref="RecipesException">There is no file, or one is missing, cut off, too large or no picture.</exception>
    public ZeroShotResult Classify(IReadOnlyList<string> images)
    {
        if (images.Count == 0)
            throw new RecipesException("images: expected at least one file, found none.");
        var rows = new List<double[]>();
        foreach (var paths in images.Chunk(_options.Batch))
        {
            using var batch = _model.Preprocessing.Read(paths);
            using var probabilities = Probabilities(batch);
            rows.AddRange(Rows(probabilities));
        }
        return new ZeroShotResult([.. images], Classes, rows);
    }

    /// <summary>The probabilities of the classes for images that are preprocessed already.</summary>
    /// <param name="images"><c>[B, 3, R, R]</c>; moved to the network's device and type.</param>
    /// <returns><c>[B, N]</c>, float32; each row sums to 1.</returns>
    /// <exception cref="RecipesException">The images have other sides.</exception>
    public Tensor Probabilities(Tensor images)
    {
        var size = _model.Preprocessing.Resolution;
        if (images.dim() != 4 || images.shape[0] == 0 || images.shape[1] != 3 || images.shape[2] != size || images.shape[3] != size)
            throw new RecipesException($"images: expected [B, 3, {size}, {size}], found [{string.Join(", ", images.shape)}].");
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(_module);
        using var _ = no_grad();
        var parts = new List<Tensor>();
        for (var start = 0L; start < images.shape[0]; start += _options.Batch)
        {
            var part = images.slice(0, start, Math.Min(start + _options.Batch, images.shape[0]), 1).to(_captions.dtype, _captions.device);
            var logits = _model.Scale() * _model.EncodeImage(part).matmul(_captions.t());
            parts.Add(logits.to(ScalarType.Float32).softmax(-1));
        }
        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _captions.Dispose();

    /// <summary>The mean of each class's normalised embeddings, normalised again, as OpenAI does.</summary>
    /// <param name="prompts">Embeddings of each class in each template, class by class, <c>[N·T, D]</c>, length 1.</param>
    /// <param name="templates">T.</param>
    /// <returns><c>[N, D]</c>, length 1.</returns>
    public static Tensor ClassVectors(Tensor prompts, int templates)
    {
        using var scope = NewDisposeScope();
        var each = prompts.view(-1, templates, prompts.shape[^1]); // [N, T, D]
        return functional.normalize(each.mean([1]), dim: -1).MoveToOuterDisposeScope();
    }

    // Every class in every template.
    private Tensor Encode(ClipTokenizer tokenizer)
    {
        using var scope = NewDisposeScope();
        using var mode = new EvaluationMode(_module);
        using var _ = no_grad();
        var device = _module.parameters().First().device;
        var captions = Classes.SelectMany(c => _options.Templates.Select(t => t.Replace("{}", c, StringComparison.Ordinal)));
        var parts = captions.Chunk(_options.TextBatch).Select(chunk => _model.EncodeText(tokenizer.Encode(chunk).to(device))).ToList();
        return ClassVectors(cat(parts, 0), _options.Templates.Count).DetachFromDisposeScope();
    }

    private static List<double[]> Rows(Tensor probabilities)
    {
        using var cpu = probabilities.cpu();
        var all = cpu.data<float>().ToArray();
        return [.. all.Chunk((int)probabilities.shape[1]).Select(row => row.Select(p => (double)p).ToArray())];
    }
}
