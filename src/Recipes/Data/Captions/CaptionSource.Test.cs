using System.Text.Json.Serialization;

namespace Recipes.Data;

public abstract partial record CaptionSource
{
    /// <summary>Ids that the tokenizer of the captions knows.</summary>
    [JsonIgnore]
    public virtual int Vocabulary => ClipTokenizer.Known;

    /// <summary>The tokenizer of the captions.</summary>
    /// <exception cref="MissingDataException">Its vocabulary is not here.</exception>
    public virtual ClipTokenizer OpenTokenizer() => ClipTokenizer.Open();

    /// <summary>Labelled test pictures and captions of their classes, for zero-shot classification; null where there are none.</summary>
    public virtual ZeroShotSet? OpenZeroShot(DataRoots? roots = null) => null;
}

/// <summary>Labelled pictures and captions of their classes.</summary>
/// <param name="Images">The pictures; their classes' names are put into the templates.</param>
/// <param name="Templates">Sentences with <c>{}</c> in the place of the name.</param>
public sealed record ZeroShotSet(IImageSet Images, IReadOnlyList<string> Templates)
{
    /// <summary>Every class in every template; those of a class stand together.</summary>
    public IReadOnlyList<string> Prompts =>
        [.. Images.Classes.SelectMany(name => Templates.Select(t => t.Replace("{}", name, StringComparison.Ordinal)))];
}
