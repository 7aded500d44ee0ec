using System.Net;
using System.Text;
using Recipes.Display;

namespace Recipes.Data;

/// <summary>Pictures of a captioned set with their captions, to be looked at.</summary>
public static class CaptionPreview
{
    private const int LongestSide = 320;
    private const int LongestCaption = 400;

    /// <summary>One self-contained HTML page of pictures from all over the set, each with its key and captions.</summary>
    /// <param name="set">The set.</param>
    /// <param name="count">How many pictures.</param>
    public static string Html(ICaptionedSet set, int count = 24)
    {
        var body = new StringBuilder("<div class='grid wide'>");
        foreach (var i in Spread(set.Count, count))
        {
            var lines = Captions(set, i).Select(c => $"<div dir=auto>{WebUtility.HtmlEncode(Short(c))}</div>");
            var caption = $"<b>{WebUtility.HtmlEncode(set.Key(i))}</b>{string.Concat(lines)}";
            body.Append(
                Image(set, i, out var problem) is { } png
                    ? DataPreview.Figure(png, caption)
                    : $"<figure><p>{WebUtility.HtmlEncode(problem)}</p><figcaption>{caption}</figcaption></figure>"
            );
        }
        return DataPreview.Page(set.Name, $"{set.Report().ToString().Split('\n')[0]}.", body.Append("</div>").ToString());
    }

    /// <summary>Pictures from all over the set with their first captions, as a block.</summary>
    /// <param name="set">The set.</param>
    /// <param name="count">How many pictures.</param>
    /// <exception cref="RecipesException">A picture or caption cannot be read.</exception>
    public static PictureGrid Pictures(ICaptionedSet set, int count = 12) =>
        new(
            $"{set.Name}: {set.Count:N0} pictures with captions",
            Spread(set.Count, count).Select(i => new Picture(Small(set.Image(i)).ToPng(), Short(set.Captions(i)[0]), set.Key(i)))
        );

    /// <summary>Writes a page.</summary>
    /// <exception cref="RecipesException">The place cannot be written.</exception>
    public static void Write(string path, ICaptionedSet set, int count = 24) => AtomicFile.WriteText(path, Html(set, count));

    private static IEnumerable<int> Spread(int all, int count) =>
        Enumerable.Range(0, Math.Min(all, count)).Select(i => (int)((long)i * all / Math.Min(all, count)));

    private static IReadOnlyList<string> Captions(ICaptionedSet set, int index)
    {
        try
        {
            return set.Captions(index);
        }
        catch (RecipesException e)
        {
            return [e.Message];
        }
    }

    private static byte[]? Image(ICaptionedSet set, int index, out string problem)
    {
        problem = "";
        try
        {
            return Small(set.Image(index)).ToPng();
        }
        catch (RecipesException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private static RgbImage Small(RgbImage image) =>
        Math.Max(image.Width, image.Height) > LongestSide ? image.ResizeLongest(LongestSide) : image;

    private static string Short(string caption) => caption.Length > LongestCaption ? caption[..LongestCaption] + "…" : caption;
}
