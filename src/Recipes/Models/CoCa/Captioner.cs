using Recipes.Data;
using static TorchSharp.torch;

namespace Recipes.Models;

/// <summary>
/// A trained <see cref="CoCa"/> with its tokenizer: from pictures to sentences. A caption is what stands before the first full stop, as MobileCLIP2's captioners
/// are used (their README); MobileCLIP (arXiv 2311.17049, sec. 5) samples from the nucleus of 0.9.
/// </summary>
/// <param name="network">The network; it stays the caller's.</param>
/// <param name="tokenizer">The tokenizer that it was trained with; null for that of Scenes.</param>
/// <param name="options">How tokens are chosen; null for <see cref="Sampling"/>. Its seed is not used.</param>
public sealed class Captioner(CoCa network, ClipTokenizer? tokenizer = null, SamplingOptions? options = null) : ICaptioner
{
    private readonly ClipTokenizer _tokenizer = tokenizer ?? ClipTokenizer.Scenes;
    private readonly SamplingOptions _options = options ?? Sampling;

    /// <summary>Top-p 0.9 at temperature 1, up to 76 tokens.</summary>
    public static SamplingOptions Sampling { get; } =
        new()
        {
            Temperature = 1,
            TopP = 0.9,
            MaxTokens = 76,
        };

    /// <summary>Pictures that go through the network at once.</summary>
    /// <value>Default 64.</value>
    public int Batch { get; init; } = 64;

    /// <inheritdoc/>
    public string Name => network.Spec.Name;

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<string>> Caption(IReadOnlyList<RgbImage> images, int count, long seed, long first = 0)
    {
        var captions = new List<IReadOnlyList<string>>(images.Count);
        foreach (var part in images.Chunk(Batch))
            captions.AddRange(Part(part, count, _options with { Seed = seed }, first + captions.Count));
        return captions;
    }

    /// <summary>The text before the first full stop, without spaces around it.</summary>
    public static string FirstSentence(string text) => text.Split('.', 2)[0].Trim();

    private IEnumerable<IReadOnlyList<string>> Part(RgbImage[] images, int count, SamplingOptions options, long first)
    {
        using var scope = NewDisposeScope();
        var batch = network.Preprocessing.Apply(images);
        var rows = network.Generate(batch, count, _tokenizer.Start, _tokenizer.EndOfText, options, first);
        return [.. rows.Select(ids => FirstSentence(_tokenizer.Decode(ids))).Chunk(count)];
    }
}
