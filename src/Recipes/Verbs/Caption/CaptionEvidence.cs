using System.Globalization;
using Recipes.Display;

namespace Recipes.Verbs;

/// <summary>How often captions of scenes name the main object right, as shares of all captions.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Color">Its colour.</param>
/// <param name="Both">Both.</param>
public sealed record NamingShares(double Shape, double Color, double Both);

/// <summary>What a captioner wrote.</summary>
/// <param name="Captioner">Who.</param>
/// <param name="Set">About what.</param>
/// <param name="Images">Pictures.</param>
/// <param name="PerImage">Captions of each.</param>
/// <param name="MeanWords">Words of a caption, mean.</param>
/// <param name="DistinctShare">Different captions of a picture as a share of its captions, mean over the pictures.</param>
/// <param name="DistinctTexts">Different captions in all.</param>
/// <param name="Empty">Captions without a word.</param>
/// <param name="Naming">For scenes, what the captions name right; else null.</param>
/// <param name="Examples">Some pictures with their captions.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record CaptionEvidence(
    string Captioner,
    string Set,
    int Images,
    int PerImage,
    double MeanWords,
    double DistinctShare,
    int DistinctTexts,
    long Empty,
    NamingShares? Naming,
    PictureGrid Examples
) : IDisplay
{
    /// <summary>Captions in all.</summary>
    public long Captions => (long)Images * PerImage;

    /// <summary>Captions without a word, as a share of all.</summary>
    public double EmptyShare => (double)Empty / Captions;

    /// <summary>The facts, and the examples.</summary>
    public string ToHtml() => new Blocks(Examples, Show()).ToHtml();

    /// <summary>The facts and the examples as text.</summary>
    public override string ToString() => Show().ToString();

    private Table Show() =>
        Table
            .With(Column.Text("Captions"), Column.Number("How much"))
            .Rows(Facts().Select(f => (object?[])[f.Fact, f.Value]))
            .Caption($"{Images:#,0} pictures of {Set}, {PerImage} captions each, by {Captioner}");

    private IEnumerable<(string Fact, string Value)> Facts()
    {
        yield return ("captions", Captions.ToString("N0", CultureInfo.InvariantCulture));
        yield return ("words of a caption", Number(MeanWords));
        yield return ("different among a picture's captions", Percent(DistinctShare));
        yield return ("different in all", DistinctTexts.ToString("N0", CultureInfo.InvariantCulture));
        yield return ("empty", Percent(EmptyShare));
        if (Naming is not { } naming)
            yield break;
        yield return ("name the right shape", Percent(naming.Shape));
        yield return ("name the right colour", Percent(naming.Color));
        yield return ("name both", Percent(naming.Both));
    }

    private static string Number(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => Number(100 * share) + " %";
}
