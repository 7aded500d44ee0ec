using System.Text.Json.Serialization;

namespace Recipes.Data;

/// <summary>
/// Where pictures with captions come from, as a value: nothing is read before <see cref="Open"/>. Its properties are its JSON, with the
/// name as discriminator under <c>source</c>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "source")]
[JsonDerivedType(typeof(ShardsSource), "shards")]
[JsonDerivedType(typeof(CaptionFileSource), "caption-file")]
[JsonDerivedType(typeof(CocoSource), "coco")]
[JsonDerivedType(typeof(SceneCaptionsSource), "scenes")]
public abstract partial record CaptionSource
{
    /// <summary>What names it, and its sets before a slash.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>At most this many pictures of each split; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>At most this many test pictures; null for <see cref="Limit"/>.</summary>
    public int? TestLimit { get; init; }

    /// <summary>What to subtract and divide by, for this source.</summary>
    [JsonIgnore]
    public virtual Normalization Normalization => Normalization.Clip;

    /// <summary>The same source with at most so many pictures, a fixed random choice.</summary>
    /// <param name="train">Training pictures, and test pictures unless <paramref name="test"/> is given.</param>
    /// <param name="test">Test pictures.</param>
    /// <exception cref="RecipesException">A count is not positive.</exception>
    public CaptionSource Take(int train, int? test = null) =>
        train > 0 && test is null or > 0
            ? this with
            {
                Limit = train,
                TestLimit = test,
            }
            : throw new RecipesException($"{Name}: Take expects at least 1 picture, found {train}{(test is null ? "" : $" and {test}")}.");

    /// <summary>Reads and checks what is needed to serve pictures.</summary>
    /// <param name="split">Training or test part.</param>
    /// <param name="roots">Where to look for relative paths after the working folder; null for <see cref="DataRoots.Default"/>.</param>
    /// <exception cref="RecipesException">Files are missing or broken; the message lists every problem and the repair.</exception>
    public ICaptionedSet Open(Split split, DataRoots? roots = null)
    {
        var all = OpenAll(split, roots ?? DataRoots.Default);
        return (split == Split.Test ? TestLimit ?? Limit : Limit) is { } limit && limit < all.Count
            ? SubsetCaptions.Sample(all, limit)
            : all;
    }

    /// <summary>Opens a whole split.</summary>
    protected abstract ICaptionedSet OpenAll(Split split, DataRoots roots);

    private protected static string Title(string name, Split split) => $"{name}/{(split == Split.Train ? "train" : "test")}";
}
