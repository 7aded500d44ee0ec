using Recipes.Data;

namespace Recipes.Verbs;

/// <summary>The same pictures with a captioner's captions in place of those that came with them.</summary>
public sealed class CaptionedImages : ICaptionedSet
{
    private readonly ICaptionedSet _source;
    private readonly IReadOnlyList<IReadOnlyList<string>> _captions;

    internal CaptionedImages(ICaptionedSet source, IReadOnlyList<IReadOnlyList<string>> captions, CaptionEvidence evidence) =>
        (_source, _captions, Evidence) = (source, captions, evidence);

    /// <summary>What the captions are like.</summary>
    public CaptionEvidence Evidence { get; }

    /// <inheritdoc/>
    public string Name => $"{_source.Name}, captions by {Evidence.Captioner}";

    /// <inheritdoc/>
    public int Count => _source.Count;

    /// <inheritdoc/>
    public string Key(int index) => _source.Key(index);

    /// <inheritdoc/>
    public RgbImage Image(int index) => _source.Image(index);

    /// <inheritdoc/>
    public IReadOnlyList<string> Captions(int index) => _captions[index];
}
