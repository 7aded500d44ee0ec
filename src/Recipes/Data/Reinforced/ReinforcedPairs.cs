using System.Collections.Concurrent;
using Recipes.Display;

namespace Recipes.Data;

/// <summary>Captioned pictures joined with what a reinforced data set stores of them, in memory.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed class ReinforcedPairs : IReinforcedSet, IDisplay
{
    private const int Shown = 20;
    private readonly ICaptionedSet _images;
    private readonly IReadOnlyList<ReinforcedSample> _samples;

    /// <summary>Joins pictures with their samples, in the pictures' order.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="samples">One for each picture, with its key.</param>
    /// <param name="widths">Widths of the teachers' embeddings; none where no teacher was asked.</param>
    /// <exception cref="RecipesException">Samples are missing, or hold different numbers of augmentations or captions; all problems together.</exception>
    public ReinforcedPairs(ICaptionedSet images, IReadOnlyList<ReinforcedSample> samples, IReadOnlyList<int> widths)
    {
        (_images, _samples, Widths) = (images, samples, widths);
        RecipesException.ThrowIfAny($"{images.Name} cannot be joined with its reinforced samples:", Problems());
        (Views, Synthetics) = (samples.Min(s => s.Augmentations.Count), samples.Min(Count));
    }

    /// <summary>Joins pictures, wherever they are kept, with the samples of shards, by key. Samples of other pictures are left alone.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="path">A folder of shards, one shard, or a pattern, as for <see cref="ShardSet"/>.</param>
    /// <param name="widths">Widths of the teachers' embeddings.</param>
    /// <param name="roots">Where relative paths are looked up; null for the default.</param>
    /// <exception cref="RecipesException">Shards are damaged, samples are missing or do not fit; all problems together.</exception>
    public static ReinforcedPairs Join(ICaptionedSet images, string path, IReadOnlyList<int> widths, DataRoots? roots = null)
    {
        using var shards = ShardSet.Open([path], BadSamples.Stop, roots);
        var places = Enumerable.Range(0, shards.Count).ToDictionary(shards.Key, i => i, StringComparer.Ordinal);
        var keys = Enumerable.Range(0, images.Count).Select(images.Key).ToList();
        var missing = keys.Where(k => !places.ContainsKey(k)).ToList();
        if (missing.Count > 0)
            throw new RecipesException(
                $"{path}: expected a sample for each of the {images.Count} pictures of {images.Name}, {missing.Count} are missing, the first is {missing[0]}."
            );
        var samples = new ReinforcedSample[images.Count];
        var problems = new ConcurrentBag<string>();
        Parallel.For(
            0,
            samples.Length,
            i =>
            {
                try
                {
                    samples[i] = ReinforcedSample.Read(shards.Sample(places[keys[i]]), widths);
                }
                catch (RecipesException e)
                {
                    problems.Add(e.Message.ReplaceLineEndings(" "));
                }
            }
        );
        RecipesException.ThrowIfAny($"{path}: samples cannot be used:", [.. problems.Order(StringComparer.Ordinal).Take(Shown)]);
        return new ReinforcedPairs(images, samples, widths);
    }

    /// <inheritdoc/>
    public string Name => _images.Name;

    /// <inheritdoc/>
    int ICaptionedSet.Count => _images.Count;

    /// <inheritdoc/>
    public int Views { get; }

    /// <inheritdoc/>
    public int Synthetics { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Widths { get; }

    /// <summary>What is stored of a picture.</summary>
    public ReinforcedSample this[int index] => _samples[index];

    /// <inheritdoc/>
    public string Key(int index) => _images.Key(index);

    /// <inheritdoc/>
    public RgbImage Image(int index) => _images.Image(index);

    /// <inheritdoc/>
    public IReadOnlyList<string> Captions(int index) => _samples[index].Captions;

    /// <inheritdoc/>
    public StoredAugmentation View(int index, int view) => _samples[index].Augmentations[view];

    /// <inheritdoc/>
    public string Synthetic(int index, int number)
    {
        var (captions, at) = Find(index, number);
        return captions.Captions[at];
    }

    /// <inheritdoc/>
    public void ImageEmbedding(int index, int view, Span<float> row) => _samples[index].ImageEmbeddings!.Row(view, row);

    /// <inheritdoc/>
    public void TextEmbedding(int index, int caption, Span<float> row) => _samples[index].TextEmbeddings!.Row(caption, row);

    /// <inheritdoc/>
    public void SyntheticEmbedding(int index, int number, Span<float> row)
    {
        var (captions, at) = Find(index, number);
        captions.Embeddings!.Row(at, row);
    }

    /// <summary>What is stored.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The same as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show()
    {
        var bytes = _samples.Sum(s =>
            (long)(s.ImageEmbeddings?.Length ?? 0)
            + (s.TextEmbeddings?.Length ?? 0)
            + s.Synthetic.Sum(c => (long)(c.Embeddings?.Length ?? 0))
        );
        var captions = _samples.SelectMany(s => s.Synthetic).SelectMany(c => c.Captions).ToList();
        return Table
            .With(Column.Text("Stored"), Column.Number("How much"))
            .Row("pictures", _samples.Count)
            .Row("augmentations of each", Views)
            .Row("synthetic captions of each", Synthetics)
            .Row("of these empty", captions.Count(string.IsNullOrWhiteSpace))
            .Row("of these distinct", captions.Distinct(StringComparer.Ordinal).Count())
            .Row("teachers, widths", string.Join(" + ", Widths))
            .Row("bytes of embeddings, a picture", _samples.Count == 0 ? 0 : (double)bytes / _samples.Count)
            .Caption(Name);
    }

    // The captions of all captioners, one captioner after another.
    private (SyntheticCaptions, int) Find(int index, int number)
    {
        foreach (var captions in _samples[index].Synthetic)
        {
            if (number < captions.Captions.Count)
                return (captions, number);
            number -= captions.Captions.Count;
        }
        throw new ArgumentOutOfRangeException(nameof(number));
    }

    private static int Count(ReinforcedSample sample) => sample.Synthetic.Sum(s => s.Captions.Count);

    private List<string> Problems()
    {
        var problems = new List<string>();
        if (_samples.Count != _images.Count)
            problems.Add($"expected {_images.Count} samples, one for each picture, found {_samples.Count}");
        for (var i = 0; i < Math.Min(_samples.Count, _images.Count) && problems.Count < 5; i++)
        {
            var sample = _samples[i];
            if (sample.Key != _images.Key(i))
                problems.Add($"sample {i}: expected the key {_images.Key(i)}, found {sample.Key}");
            if (sample.Captions.Count == 0)
                problems.Add($"sample {sample.Key}: expected at least 1 caption, found none");
            problems.AddRange(sample.Problems(Widths).Select(p => $"sample {sample.Key}: {p}"));
        }
        return problems;
    }
}
