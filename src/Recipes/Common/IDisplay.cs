namespace Recipes;

/// <summary>A value that shows itself: as text through <c>ToString()</c>, as HTML here. Evidence, tables, charts and claims do.</summary>
public interface IDisplay
{
    /// <summary>A fragment of HTML, complete in itself and escaped.</summary>
    string ToHtml();
}
