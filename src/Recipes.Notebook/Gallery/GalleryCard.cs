namespace Recipes.Notebook.Gallery;

/// <summary>An entry of the index.</summary>
/// <param name="Link">Relative to the index.</param>
/// <param name="Title">Plain text.</param>
/// <param name="About">One sentence of plain text; may be empty.</param>
/// <param name="Note">HTML of one line.</param>
/// <param name="Picture">A data address, or null.</param>
internal sealed record GalleryCard(string Link, string Title, string About, string Note, string? Picture)
{
    /// <summary>The card.</summary>
    public string ToHtml()
    {
        var picture = Picture is null
            ? $"<span class=\"thumb none\" aria-hidden=\"true\">{Html.Escape(Title.Length > 0 ? Title[..1] : "")}</span>"
            : $"<img class=\"thumb\" src=\"{Html.Escape(Picture)}\" alt=\"\" loading=\"lazy\">";
        var about = About.Length == 0 ? "" : $"<p>{Html.Escape(About)}</p>";
        return $"<li><a href=\"{Html.Escape(Link)}\">{picture}<h3>{Html.Escape(Title)}</h3>{about}<p class=\"note\">{Note}</p></a></li>";
    }
}
