using Recipes.Data;
using Recipes.Training;

namespace Recipes.Verbs;

/// <summary>
/// Images with stored augmentations and what teachers said of each. A value: an augmentation is its seed and is replayed bit by bit,
/// and training from it runs no teacher.
/// </summary>
public sealed class ReinforcedImages
{
    private readonly StoredOpinions _opinions;
    private readonly IImageSet _set;

    internal ReinforcedImages(
        ImageData data,
        ReinforceOptions options,
        IImageSet set,
        string teachers,
        StoredOpinions opinions,
        ReinforceEvidence evidence
    )
    {
        (Data, Options, _set, TeacherIdentity, _opinions, Evidence) = (data, options, set, teachers, opinions, evidence);
    }

    /// <summary>The images.</summary>
    public ImageData Data { get; }

    /// <summary>What was stored.</summary>
    public ReinforceOptions Options { get; }

    /// <summary>Counts and bytes.</summary>
    public ReinforceEvidence Evidence { get; }

    /// <summary>Images.</summary>
    public int Count => Evidence.Images;

    /// <summary>
    /// The stored bytes in this machine's byte order: log-probabilities as float32 by image, view and teacher, then, with a top k, their
    /// classes as 16 bits. Equal for equal images, teachers, options and seed.
    /// </summary>
    public byte[] Bytes => _opinions.Bytes;

    internal string TeacherIdentity { get; }

    internal RepeatedViews Views => new(Options.Seed, Options.Views);

    internal StoredOpinions Opinions => _opinions;

    /// <summary>An augmented image as training sees it before normalisation, <c>[size, size, 3]</c>; the same at every call.</summary>
    /// <param name="image">0 to Count - 1.</param>
    /// <param name="view">0 to Views - 1.</param>
    public byte[] Replay(int image, int view)
    {
        Require(image, view, 0);
        var canvas = new ImageCanvas();
        canvas.Start(Data.Augment.ReadSize(Data.Size), Data.Size);
        _set.Read(image, canvas.Size, canvas.Pixels);
        var rng = Views.Stream(image, view);
        Data.Augment.Apply(canvas, ref rng);
        return canvas.Pixels.ToArray();
    }

    /// <summary>What a teacher said of an augmented image: a probability for each class, summing to 1.</summary>
    /// <param name="image">0 to Count - 1.</param>
    /// <param name="view">0 to Views - 1.</param>
    /// <param name="teacher">0 for the first one.</param>
    public double[] Probabilities(int image, int view, int teacher = 0)
    {
        Require(image, view, teacher);
        var row = new float[Evidence.Classes];
        _opinions.Read(image, view, teacher, row);
        return Array.ConvertAll(row, v => Math.Exp(v));
    }

    /// <summary>The evidence.</summary>
    public override string ToString() => Evidence.ToString();

    private void Require(int image, int view, int teacher)
    {
        var problems = new List<string>();
        Within("image", image, Count);
        Within("view", view, Options.Views);
        Within("teacher", teacher, Evidence.Teachers.Count);
        RecipesException.ThrowIfAny($"{_set.Name}, reinforced: no such opinion:", problems);

        void Within(string what, int value, int count)
        {
            if (value < 0 || value >= count)
                problems.Add($"{what}: expected 0 to {count - 1}, found {value}");
        }
    }
}
